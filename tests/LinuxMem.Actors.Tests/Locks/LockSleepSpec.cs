using LinuxMem.Actors.Tests.Support;
using LinuxMem.Actors.Tests.Tracing;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Actors.Tests.Locks;

/// <summary>Who sleeps for mmap_lock leaves its CPU to others, and comes back to what it was at.</summary>
public class LockSleepSpec
{
    private const int WaitsForLock = 4;

    // One thread forks a process of 1,024 pages, which takes long and write-locks mmap_lock; another one faults
    // meanwhile; a process of its own wants the CPUs all the time.
    private const string ForkAndFault = """
        {
          "name": "fork-and-fault", "machine": { "cpus": 2, "memory": "64MiB", "locks": { "perVma": "off" } },
          "processes": [
            {
              "name": "forker",
              "steps": [
                { "mmap": { "length": "4MiB", "as": "m" } },
                { "touch": { "region": "m", "kind": "write" } },
                { "mmap": { "length": "2MiB", "as": "n" } },
                { "thread": { "steps": [ { "touch": { "region": "n", "kind": "write" } } ] } },
                { "loop": { "times": 4, "steps": [
                  { "fork": { "steps": [ { "exit": 0 } ] } },
                  { "wait": "all" },
                ] } },
              ],
            },
            {
              "name": "busy", "startAt": "50us",
              "steps": [
                { "mmap": { "length": "1MiB", "as": "m" } },
                { "loop": { "times": 40, "steps": [ { "touch": { "region": "m", "kind": "write" } } ] } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void While_a_fault_sleeps_for_mmap_lock_others_have_its_cpu()
    {
        EventLog log = Run(ForkAndFault);
        EventPairs.Check(log.Events);
        List<TraceEvent> sleeps =
            [.. log.Events.Where(e => e.Point == Tracepoint.SchedSwitch && e.Numbers[4] == WaitsForLock)];
        Assert.NotEmpty(sleeps);
        Assert.Contains(sleeps, e => e.Numbers[1] != 0);
        Assert.Contains(log.Result!.Locks!.Calls,
            c => c is { Class: "mmap_lock", Call: "page fault", Waits.Count: > 0 });
    }

    [Fact]
    public void A_fault_that_slept_is_told_as_tried_again_and_counts_once()
    {
        EventLog log = Run(ForkAndFault);
        int slept = log.Events.Count(e => e.Point == Tracepoint.PageFaultDone && e.Text == "WaitsForLock");
        Assert.True(slept > 0);
        Assert.Equal(slept, log.Count(Tracepoint.PageFaultRetry));
        RunResult with = log.Result!;
        long minflt = with.Processes.Single(p => p.Comm == "forker" && p.Ppid == 1).MinFlt;
        RunResult alone = Run(ForkAndFault.Replace("\"cpus\": 2", "\"cpus\": 1", StringComparison.Ordinal)).Result!;
        Assert.Equal(alone.Processes.Single(p => p.Comm == "forker" && p.Ppid == 1).MinFlt, minflt);
    }

    [Fact]
    public void What_a_trap_changes_shows_once_it_has_the_lock_that_it_slept_for()
    {
        HashSet<int> asleep = [];
        foreach (TraceEvent told in Run(ForkAndFault).Events)
        {
            switch (told.Point)
            {
                case Tracepoint.SchedSwitch:
                    asleep.Remove((int)told.Numbers[1]);
                    if (told.Numbers[4] == WaitsForLock)
                        asleep.Add((int)told.Numbers[0]);
                    break;
                case Tracepoint.RssStat or Tracepoint.MmPageAlloc or Tracepoint.PageFaultDone:
                    Assert.DoesNotContain(told.Tid, asleep);
                    break;
            }
        }
    }

    // A thread is killed while it sleeps for the lock: its process exits in another thread.
    [Fact]
    public void Who_is_killed_asleep_waits_no_more()
    {
        const string killed = """
            {
              "name": "killed", "machine": { "cpus": 4, "memory": "64MiB", "locks": { "perVma": "off" } },
              "processes": [
                {
                  "name": "many",
                  "steps": [
                    { "mmap": { "length": "8MiB", "as": "m" } },
                    { "touch": { "region": "m", "kind": "write" } },
                    { "mmap": { "length": "4MiB", "as": "n" } },
                    { "thread": { "steps": [
                      { "loop": { "times": 20, "steps": [ { "fork": { "steps": [ { "exit": 0 } ] } } ] } },
                    ] } },
                    { "thread": { "count": 3, "steps": [ { "touch": { "region": "n", "kind": "write" } } ] } },
                    { "sleep": "300us" },
                    { "exit": 0 },
                  ],
                },
              ],
            }
            """;
        EventLog log = Run(killed);
        EventPairs.Check(log.Events);
        const long interrupted = -4;
        Assert.Contains(log.Events, e => e.Point == Tracepoint.ContentionEnd && e.Numbers[1] == interrupted);
        Assert.All(log.Result!.Processes, p => Assert.True(p.EndNs >= 0));
        foreach (long windowNs in new[] { 500, 3_000, 3_600_000_000_000 })
        {
            Assert.Equal(log.Digest, EventLog.Of(Scenarios.Parse(killed),
                new EngineSettings { Audit = AuditLevel.Round, Threads = 2, WindowNs = windowNs }).Digest);
        }
    }

    [Fact]
    public void Threads_and_windows_change_nothing_about_sleeping()
    {
        EventLog expected = Run(ForkAndFault);
        foreach (long windowNs in new[] { 500, 3_000, 3_600_000_000_000 })
        {
            EventLog other = EventLog.Of(Scenarios.Parse(ForkAndFault),
                new EngineSettings { Audit = AuditLevel.Round, Threads = 2, WindowNs = windowNs });
            Assert.Equal(expected.Digest, other.Digest);
            Assert.Equal(expected.Outcome, other.Outcome);
        }
    }

    private static EventLog Run(string scenario) =>
        EventLog.Of(Scenarios.Parse(scenario), new EngineSettings { Audit = AuditLevel.End });
}
