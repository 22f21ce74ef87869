using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs that need more memory than there is, with swap behind it.</summary>
public class SwapRunSpec
{
    internal const string FourTimesRam = """
        {
          "name": "swapping", "machine": { "cpus": 2, "memory": "8MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "eater", "count": 2,
              "steps": [
                { "mmap": { "length": "16MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 3000, "writePercent": 30 } },
                {
                  "fork": {
                    "count": 2, "name": "child",
                    "steps": [
                      { "access": { "region": "m", "pattern": "uniform", "count": 800, "writePercent": 50 } },
                    ],
                  },
                },
                { "access": { "region": "m", "pattern": "sequential", "count": 3000 } },
                { "wait": "all" },
              ],
            },
          ],
        }
        """;

    /// <summary>A scenario on a machine with a disk, and swap on it.</summary>
    internal static Scenario WithSwap(string text, uint swapPages, ContentMode contents = ContentMode.Tags)
    {
        Scenario scenario = Scenarios.Parse(text);
        return scenario with
        {
            Machine = scenario.Machine with
            {
                Contents = contents,
                Disks = [BlockDeviceSettings.Nvme with { Sectors = 1 << 22 }],
                Swap = [new SwapAreaSettings { Pages = swapPages }],
            },
        };
    }

    /// <summary>A counter of /proc/vmstat at the end of a run.</summary>
    internal static long Counter(RunResult result, string name) => result.VmStat.First(c => c.Key == name).Value;

    [Theory]
    [InlineData(ContentMode.Tags)]
    [InlineData(ContentMode.Bytes)]
    public void Four_times_the_memory_is_used_and_every_content_is_right(ContentMode contents)
    {
        Scenario scenario = WithSwap(FourTimesRam, 1 << 14, contents);
        RunResult result = DirectMachine.Execute(
            scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(Counter(result, "pswpout") > 4000, $"{Counter(result, "pswpout")} pages went to swap");
        Assert.True(Counter(result, "pswpin") > 4000, $"{Counter(result, "pswpin")} pages came back");
        Assert.Equal(0, Counter(result, "oom_kill"));
        PressureResult pressure = result.Pressure;
        Assert.InRange(pressure.MemoryFullNs, 1, pressure.MemorySomeNs);
        Assert.InRange(pressure.IoSomeNs, pressure.MemorySomeNs / 2, result.VirtualNs);
        Assert.All(result.Processes, p => Assert.InRange(p.IoStallNs, 1, result.VirtualNs));
    }

    [Fact]
    public void A_fault_that_has_waited_for_its_page_goes_on_in_the_kernel_without_another_round()
    {
        RunResult result = DirectMachine.Execute(WithSwap("""
            {
              "name": "one", "machine": { "cpus": 1, "memory": "4MiB", "overcommitMemory": 1 },
              "processes": [ { "name": "eater", "steps": [
                { "mmap": { "length": "16MiB", "as": "m" } }, { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 4000 } } ] } ],
            }
            """, 1 << 14));
        long majors = Counter(result, "pgmajfault");
        Assert.InRange(majors, 2000, 5000);
        Assert.InRange(result.Rounds, 0, Counter(result, "pgfault") + (majors / 2));
    }

    [Fact]
    public void It_has_one_digest_however_it_is_run()
    {
        Scenario scenario = WithSwap(FourTimesRam, 1 << 14);
        string expected = Outcome.OfLoop(scenario);
        foreach (long windowNs in (long[])[500, 7_777, 1_000_000, 3_600_000_000_000])
        {
            Scenario one = scenario with { Engine = scenario.Engine with { WindowNs = windowNs } };
            Assert.Equal(expected, Outcome.OfLoop(one));
        }

        Assert.Equal(expected, Outcome.OfActors(scenario with { Engine = scenario.Engine with { Threads = 2 } }));
        Assert.Equal(expected, Outcome.OfActors(scenario with { Engine = scenario.Engine with { ScheduleSeed = 3 } }));
    }

    [Theory]
    [InlineData(ContentMode.Tags)]
    [InlineData(ContentMode.Bytes)]
    public void Shared_memory_goes_to_swap_too_and_comes_back_for_all_who_share_it(ContentMode contents)
    {
        const string shared = """
            {
              "name": "sharing", "machine": { "cpus": 2, "memory": "4MiB", "overcommitMemory": 1 },
              "processes": [
                {
                  "name": "owner",
                  "steps": [
                    { "mmap": { "length": "12MiB", "as": "m", "shared": true } },
                    { "touch": { "region": "m" } },
                    {
                      "fork": {
                        "count": 2, "name": "child",
                        "steps": [
                          { "access": { "region": "m", "pattern": "uniform", "count": 900, "writePercent": 50 } },
                        ],
                      },
                    },
                    { "access": { "region": "m", "pattern": "sequential", "count": 3000 } },
                    { "wait": "all" },
                    { "munmap": { "region": "m" } },
                  ],
                },
              ],
            }
            """;
        Scenario scenario = WithSwap(shared, 1 << 13, contents);
        RunResult result = DirectMachine.Execute(
            scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(Counter(result, "pswpin") > 1000, $"{Counter(result, "pswpin")} pages came back");
        Assert.Equal(result.Digest, Outcome.OfLoop(scenario with { Engine = scenario.Engine with { WindowNs = 777 } }));
    }

    [Fact]
    public void Who_stores_to_shared_memory_does_not_wait_as_who_makes_files_dirty()
    {
        RunResult result = DirectMachine.Execute(WithSwap("""
            {
              "name": "stores", "machine": { "cpus": 2, "memory": "2MiB", "overcommitMemory": 1 },
              "processes": [ { "name": "s", "steps": [
                { "mmap": { "length": "4MiB", "as": "m", "shared": true } }, { "touch": { "region": "m" } } ] } ],
            }
            """, 1 << 12));
        Assert.InRange(Counter(result, "pswpout"), 500, 2000);
        // A pause of a writer is 200 ms at the longest; it took 13 of them.
        Assert.InRange(result.VirtualNs, 1_000_000, 100_000_000);
    }

    [Fact]
    public void With_too_little_swap_somebody_is_killed_and_the_others_go_on()
    {
        Scenario scenario = WithSwap(FourTimesRam, 3500);
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Assert.True(Counter(result, "oom_kill") > 0);
        Assert.Contains(result.Processes, p => p.Fate == "exited 0");
    }
}
