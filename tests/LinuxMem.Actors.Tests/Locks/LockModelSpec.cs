using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Actors.Tests.Tracing;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Locks;

/// <summary>Locks on a whole machine: who waits for what, and that it is the same however the run is cut up.</summary>
public class LockModelSpec
{
    private const string Mappers = """
        {
          "name": "mappers", "machine": { "cpus": 4, "memory": "32MiB" },
          "processes": [
            {
              "name": "mapper",
              "steps": [
                { "thread": { "count": 4, "steps": [
                  { "loop": { "times": 50, "steps": [
                    { "mmap": { "length": "64KiB", "as": "m" } },
                    { "touch": { "region": "m", "kind": "write" } },
                    { "munmap": { "region": "m" } },
                  ] } },
                ] } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void Threads_that_map_wait_for_each_others_mmap_lock()
    {
        LockReport locks = Run(Scenarios.Parse(Mappers)).Locks!;
        Assert.Contains(locks.Calls, c => c is { Class: "mmap_lock", Writes: true, Call: "mmap", Waits.TotalNs: > 0 });
        Assert.Contains(locks.Calls, c => c is { Class: "mmap_lock", Writes: true, Call: "munmap" });
        Assert.Contains(locks.Worst, w => w is { Class: "mmap_lock", HolderCall: "munmap" or "mmap", HolderTid: > 0 });
        Assert.Contains(locks.Classes, c => c is { Class: "vma_lock", Acquired: > 1000 });
    }

    [Fact]
    public void Without_locks_of_vmas_faults_wait_for_mmap_lock_and_the_run_takes_longer()
    {
        Scenario scenario = Scenarios.Parse(Mappers);
        RunResult with = Run(scenario);
        RunResult without = Run(WithoutPerVma(scenario));
        Assert.Contains(without.Locks!.Calls, c => c is { Class: "mmap_lock", Writes: false, Call: "page fault" });
        Assert.DoesNotContain(without.Locks.Classes, c => c.Class == "vma_lock");
        Assert.True(without.VirtualNs > with.VirtualNs, $"{without.VirtualNs} ns, with them {with.VirtualNs} ns");
    }

    [Fact]
    public void A_process_of_one_thread_on_one_cpu_waits_for_nothing()
    {
        Scenario scenario = Scenarios.Parse(Mappers);
        LockReport locks = Run(scenario with { Machine = scenario.Machine with { Cpus = 1 } }).Locks!;
        Assert.Empty(locks.Calls);
        Assert.False(locks.AnyContended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Windows_threads_and_statistics_change_nothing(bool perVma)
    {
        Scenario scenario = Scenarios.Parse(Mappers);
        if (!perVma)
            scenario = WithoutPerVma(scenario);
        RunResult expected = Run(scenario);
        foreach (long windowNs in new[] { 500, 3_000, 3_600_000_000_000 })
        {
            RunResult other = Run(scenario with
            {
                Engine = new EngineSettings { WindowNs = windowNs, Threads = 2, LockStatistics = windowNs == 500 },
            });
            Assert.Equal(expected.Digest, other.Digest);
            if (other.Locks is not null)
                Assert.Equal(expected.Locks!.Calls, other.Locks.Calls);
        }
    }

    [Fact]
    public void Waits_are_part_of_the_virtual_time_that_tasks_use()
    {
        Scenario scenario = Scenarios.Parse(Mappers);
        Scenario free = scenario with
        {
            Machine = scenario.Machine with
            {
                Locks = new LockSettings
                {
                    LineNs = 0,
                    ContendedLineNs = 0,
                    HandoffNs = 0,
                    WakeNs = 0,
                    LruBatchNs = 0,
                    PageTableNs = 0,
                },
            },
        };
        long costly = Run(scenario).Processes.Sum(p => p.CpuNs);
        Assert.True(costly > Run(free).Processes.Sum(p => p.CpuNs));
    }

    [Theory]
    [InlineData("vmaLines")]
    [InlineData("splitLines")]
    public void Who_changes_mappings_in_turn_with_others_pays_for_the_lines_that_they_have_written(string what)
    {
        const string protectors = """
            {
              "name": "protectors", "machine": { "cpus": 2, "memory": "32MiB" },
              "processes": [ { "name": "protector", "steps": [
                { "thread": { "count": 2, "steps": [
                  { "mmap": { "length": "64KiB", "as": "m" } },
                  { "loop": { "times": 50, "steps": [
                    { "mprotect": { "region": "m", "offset": "16KiB", "length": "4KiB", "prot": "r" } },
                    { "mprotect": { "region": "m", "offset": "16KiB", "length": "4KiB", "prot": "rw" } },
                  ] } },
                ] } },
              ] } ],
            }
            """;
        long CpuNs(int lines)
        {
            Scenario scenario = Scenarios.Parse(protectors);
            LockSettings locks = what == "vmaLines" ? new() { VmaLines = lines } : new() { SplitLines = lines };
            return Run(scenario with { Machine = scenario.Machine with { Locks = locks } })
                .Processes.Sum(p => p.CpuNs);
        }

        // Both threads pay for most of a hundred calls each; but who waits for that pays, too.
        Assert.InRange(CpuNs(12) - CpuNs(2), 10 * 60 * 100, 10 * 60 * 400);
    }

    [Fact]
    public void Every_wait_is_told_as_linux_tells_of_contention()
    {
        var log = EventLog.Of(Scenarios.Parse(Mappers), new EngineSettings { Audit = AuditLevel.Off });
        LockReport locks = log.Result!.Locks!;
        long waits = locks.Calls.Where(c => c.Call is not ("switch" or "exit" or "exit_group")).Sum(c => c.Waits.Count);
        Assert.Equal(waits, log.Count(Tracepoint.ContentionBegin));
        Assert.Equal(waits, log.Count(Tracepoint.ContentionEnd));
        Assert.Contains(log.Events, e => e is { Point: Tracepoint.ContentionBegin, Text: "mmap_lock" });
        EventPairs.Check(log.Events);
    }

    private static Scenario WithoutPerVma(Scenario scenario) =>
        scenario with { Machine = scenario.Machine with { Locks = new LockSettings { PerVma = false } } };

    private static RunResult Run(Scenario scenario) =>
        MachineRun.Execute(scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Off } },
            NullLoggerFactory.Instance);
}
