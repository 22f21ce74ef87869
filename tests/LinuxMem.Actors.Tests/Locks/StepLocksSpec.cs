using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Locks;

/// <summary>The kernel's own threads take locks, too, and tasks wait for them.</summary>
public class StepLocksSpec
{
    // Two processes of one thread each, that share nothing, with more pages than there are frames.
    private const string Tight = """
        {
          "name": "tight",
          "machine": {
            "cpus": 2, "memory": "8MiB",
            "disks": [ { "preset": "nvme", "size": "1GiB" } ], "overcommitMemory": 1,
            "swap": [ { "size": "32MiB" } ],
          },
          "processes": [
            {
              "name": "eater", "count": 2,
              "steps": [
                { "mmap": { "length": "5MiB", "as": "m" } },
                { "loop": { "times": 2, "steps": [ { "touch": { "region": "m", "kind": "write" } } ] } },
              ],
            },
          ],
        }
        """;

    [Fact]
    public void Reclaim_takes_the_locks_of_lists_reverse_maps_and_swap()
    {
        RunResult result = Run(Scenarios.Parse(Tight));
        long Acquired(string name) => result.Locks!.Classes.Where(c => c.Class == name).Sum(c => c.Acquired);
        long stolen = result.VmStat.Single(c => c.Key == "pgsteal_kswapd").Value;
        Assert.True(stolen > 500, $"{stolen} pages");
        Assert.True(Acquired("anon_vma") >= stolen, $"{Acquired("anon_vma")} of {stolen}");
        Assert.True(Acquired("lru_lock") >= stolen / 32);
        Assert.True(Acquired("swap") >= stolen);
    }

    [Fact]
    public void Tasks_wait_for_what_reclaim_holds()
    {
        Scenario scenario = Scenarios.Parse(Tight);
        RunResult slow = Run(scenario with
        {
            Machine = scenario.Machine with { Locks = new LockSettings { LruBatchNs = 200_000 } },
        });
        Assert.Contains(slow.Locks!.Worst, w => w is { Class: "lru_lock", HolderCall: "reclaim", Tid: > 0 });
    }

    [Fact]
    public void Windows_and_threads_change_nothing()
    {
        RunResult expected = Run(Scenarios.Parse(Tight));
        foreach (long windowNs in new[] { 500, 3_000, 3_600_000_000_000 })
        {
            RunResult other = Run(Scenarios.Parse(Tight), new EngineSettings { WindowNs = windowNs, Threads = 2 });
            Assert.Equal(expected.Digest, other.Digest);
            Assert.Equal(expected.Locks!.Calls, other.Locks!.Calls);
        }
    }

    private static RunResult Run(Scenario scenario, EngineSettings? engine = null) =>
        MachineRun.Execute(scenario with { Engine = engine ?? new EngineSettings() }, NullLoggerFactory.Instance);
}
