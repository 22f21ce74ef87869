using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs that end with the OOM killer.</summary>
public class OomRunSpec
{
    private const string TwoEaters = """
        {
          "name": "oom", "machine": { "cpus": 2, "memory": "8MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "spared", "oomScoreAdj": -1000,
              "steps": [ { "mmap": { "length": "5MiB", "as": "m" } }, { "touch": { "region": "m" } },
                         { "sleep": "50ms" }, { "access": { "region": "m", "pattern": "uniform", "count": 500 } } ],
            },
            {
              "name": "eater", "startAt": "1ms", "oomScoreAdj": ADJ,
              "steps": [ { "mmap": { "length": "6MiB", "as": "m" } }, { "touch": { "region": "m" } } ],
            },
          ],
        }
        """;

    private const string LateBirth = """
        {
          "name": "birth", "machine": { "cpus": 1, "memory": "4MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "full",
              "steps": [ { "mmap": { "length": "20MiB", "as": "m" } }, { "touch": { "region": "m" } } ],
            },
            { "name": "late", "count": 20, "every": "10us", "startAt": "100us",
              "steps": [ { "mmap": { "length": "16KiB", "as": "m" } }, { "touch": { "region": "m" } } ] },
          ],
        }
        """;

    private const string SmallGroup = """
        {
          "name": "small-group", "machine": { "cpus": 1, "memory": "8MiB", "overcommitMemory": 1 },
          "groups": [ { "name": "tiny", "max": "4KiB" }, { "name": "none", "max": "0B" } ],
          "processes": [
            { "name": "in", "group": "tiny",
              "steps": [ { "mmap": { "length": "64KiB", "as": "m" } }, { "touch": { "region": "m" } } ] },
            { "name": "never", "group": "none",
              "steps": [ { "mmap": { "length": "64KiB", "as": "m" } }, { "touch": { "region": "m" } } ] },
            { "name": "free",
              "steps": [ { "mmap": { "length": "64KiB", "as": "m" } }, { "touch": { "region": "m" } } ] },
          ],
        }
        """;

    // The driver, which nobody kills, has all there is.
    private const string SmallMachine = """
        {
          "name": "small", "machine": { "cpus": 1, "memory": "1MiB", "overcommitMemory": 1 },
          "processes": [
            { "name": "driver", "oomScoreAdj": -1000,
              "steps": [
                { "kernelAlloc": { "order": 0, "count": 100000, "as": "all", "gfp": "atomic", "expect": "ENOMEM" } },
                { "sleep": "50ms" } ] },
            { "name": "late", "startAt": "5ms", "oomScoreAdj": 300, "steps": [ { "sleep": "1ms" } ] },
          ],
        }
        """;

    [Fact]
    public void Disks_that_are_kept_busy_by_others_do_not_keep_the_killer_away()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse("""
            {
              "name": "busy-disk", "machine": { "cpus": 2, "memory": "1MiB", "overcommitMemory": 1,
                "disks": [ { "preset": "hdd", "size": "1GiB" } ] },
              "processes": [
                { "name": "syncer", "count": 3, "steps": [
                  { "open": { "path": "/f", "as": "f", "size": "64KiB" } },
                  { "loop": { "times": 300, "steps": [
                    { "write": { "file": "f", "bytes": "4KiB", "offset": "0B" } }, { "fsync": "f" } ] } } ] },
                { "name": "eater", "startAt": "5ms",
                  "steps": [ { "mmap": { "length": "2MiB", "as": "m" } }, { "touch": { "region": "m" } } ] },
              ],
            }
            """));
        Assert.All(result.Processes.Where(p => p.Comm == "syncer"), p => Assert.Equal("exited 0", p.Fate));
        ProcessResult eater = result.Processes.Single(p => p.Comm == "eater");
        Assert.Equal("killed SIGKILL", eater.Fate);
        // Sixteen times in vain, and each time a tenth of a second or two for what is under way.
        Assert.InRange(eater.EndNs, 1_500_000_000, 3_200_000_000);
        Assert.All(result.Processes.Where(p => p.Comm == "syncer"),
            p => Assert.InRange(p.EndNs, 3_500_000_000, 10_000_000_000));
    }

    [Fact]
    public void The_report_is_in_the_result_whatever_runs_the_machine()
    {
        Scenario scenario = Scenarios.Parse(TwoEaters.Replace("ADJ", "0", StringComparison.Ordinal));
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("exited 0", result.Processes[0].Fate);
        Assert.Equal("killed SIGKILL", result.Processes[1].Fate);
        Assert.StartsWith("eater invoked oom-killer: ", result.KernelLog[0].Text, StringComparison.Ordinal);
        Assert.StartsWith($"Out of memory: Killed process {result.Processes[1].Pid} (eater) ",
            result.KernelLog[^1].Text, StringComparison.Ordinal);
        Assert.InRange(result.KernelLog[0].AtNs, 1_000_000, result.VirtualNs);
        foreach (long windowNs in (long[])[500, 3_600_000_000_000])
        {
            RunResult other = DirectMachine.Execute(
                scenario with { Engine = scenario.Engine with { WindowNs = windowNs } });
            Assert.Equal(result.Digest, other.Digest);
            Assert.Equal(result.KernelLog, other.KernelLog);
        }
    }

    [Fact]
    public void A_machine_where_nobody_may_be_killed_panics_whatever_runs_it()
    {
        Scenario scenario = Scenarios.Parse(TwoEaters.Replace("ADJ", "-1000", StringComparison.Ordinal));
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Equal(("panic", "System is deadlocked on memory"), (result.Outcome, result.Panic?.Message));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("waiting for memory", result.Processes[1].Fate);
        Assert.Equal(result.Panic!.AtNs, result.KernelLog[^1].AtNs);
        foreach (long windowNs in (long[])[500, 3_600_000_000_000])
        {
            RunResult other = DirectMachine.Execute(
                scenario with { Engine = scenario.Engine with { WindowNs = windowNs } });
            Assert.Equal(result.Digest, other.Digest);
            Assert.Equal(result.KernelLog, other.KernelLog);
            Assert.Equal(result.VirtualNs, other.VirtualNs);
        }
    }

    [Fact]
    public void A_group_too_small_for_its_processes_kills_them()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse(SmallGroup));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal(("done", 3), (result.Outcome, result.Processes.Count));
        Assert.All(result.Processes, p => Assert.Equal(p.Comm == "free" ? "exited 0" : "killed SIGKILL", p.Fate));
        Assert.Equal(2, result.KernelLog.Count(line =>
            line.Text.StartsWith("Memory cgroup out of memory: Killed process ", StringComparison.Ordinal)));
        Assert.Equal(2, result.VmStat.Single(counter => counter.Key == "oom_kill").Value);
    }

    [Fact]
    public void A_machine_too_small_for_a_process_kills_it_before_it_starts()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse(SmallMachine));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal("done", result.Outcome);
        Assert.Contains(result.Processes, p => p is { Comm: "late", Fate: "killed SIGKILL", Accesses: 0 });
    }

    [Fact]
    public void Processes_that_start_while_memory_is_short_wait_for_it()
    {
        RunResult result = DirectMachine.Execute(Scenarios.Parse(LateBirth));
        Assert.Empty(result.Audit.Violations);
        Assert.Equal(21, result.Processes.Count);
        Assert.All(result.Processes.Skip(1).Where(p => p.Comm == "late"), p => Assert.Equal("exited 0", p.Fate));
    }
}
