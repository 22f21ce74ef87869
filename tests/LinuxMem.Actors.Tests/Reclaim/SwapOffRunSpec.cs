using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs in which swap areas come and go while everybody swaps.</summary>
public class SwapOffRunSpec
{
    private const string ComeAndGo = """
        {
          "name": "come-and-go",
          "machine": {
            "cpus": 2, "memory": "4MiB", "overcommitMemory": 1,
            "disks": [
              { "name": "vda", "preset": "nvme", "size": "1GiB" }, { "name": "sda", "preset": "ssd", "size": "1GiB" },
            ],
            "swap": [
              { "size": "4MiB", "path": "/fast", "priority": 10 },
              { "size": "16MiB", "path": "/slow", "disk": 1 },
              { "size": "16MiB", "path": "/late", "disk": 1, "on": false },
            ],
          },
          "processes": [
            {
              "name": "eater", "count": 2,
              "steps": [
                { "mmap": { "length": "4MiB", "as": "m" } },
                { "mmap": { "length": "1MiB", "as": "s", "shared": true } },
                { "touch": { "region": "m" } },
                { "touch": { "region": "s" } },
                {
                  "fork": {
                    "name": "child",
                    "steps": [
                      { "access": { "region": "m", "pattern": "uniform", "count": 400, "writePercent": 50 } },
                    ],
                  },
                },
                { "access": { "region": "m", "pattern": "uniform", "count": 600, "writePercent": 30 } },
                { "access": { "region": "s", "pattern": "uniform", "count": 200, "writePercent": 30 } },
                { "wait": "all" },
              ],
            },
            {
              "name": "admin", "startAt": "3ms",
              "steps": [
                { "swapoff": { "path": "/late", "expect": "EINVAL" } },
                { "swapon": { "path": "/fast", "expect": "EBUSY" } },
                { "swapoff": { "path": "/fast" } },
                { "swapon": { "path": "/late", "priority": 10 } },
                { "swapoff": { "path": "/slow" } },
                { "swapon": { "path": "/slow", "priority": 10 } },
                { "swapon": { "path": "/fast", "priority": 20 } },
                { "swapoff": { "path": "/late" } },
              ],
            },
          ],
        }
        """;

    [Theory]
    [InlineData(ContentMode.Tags)]
    [InlineData(ContentMode.Bytes)]
    public void Every_content_is_right_and_every_count(ContentMode contents)
    {
        Scenario scenario = Scenarios.Parse(ComeAndGo);
        RunResult result = DirectMachine.Execute(scenario with
        {
            Machine = scenario.Machine with { Contents = contents },
            Engine = scenario.Engine with { Audit = AuditLevel.Round },
        });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(SwapRunSpec.Counter(result, "pswpin") > 500, $"{SwapRunSpec.Counter(result, "pswpin")} came back");
    }

    [Fact]
    public void It_has_one_digest_however_it_is_run()
    {
        Scenario scenario = Scenarios.Parse(ComeAndGo);
        string expected = Outcome.OfLoop(scenario);
        Assert.Matches("^[0-9a-f]+$", expected);
        foreach (long windowNs in (long[])[500, 7_777, 1_000_000, 3_600_000_000_000])
            Assert.Equal(expected, Outcome.OfLoop(scenario with
            {
                Engine = scenario.Engine with { WindowNs = windowNs },
            }));
        Assert.Equal(expected, Outcome.OfActors(scenario with { Engine = scenario.Engine with { Threads = 2 } }));
        Assert.Equal(expected, Outcome.OfActors(scenario with { Engine = scenario.Engine with { ScheduleSeed = 3 } }));
    }
}
