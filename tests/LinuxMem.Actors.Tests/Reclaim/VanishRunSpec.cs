using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs in which programs give memory away: MADV_FREE, MADV_PAGEOUT, MAP_DROPPABLE.</summary>
public class VanishRunSpec
{
    private const string GivesAway = """
        {
          "name": "gives-away", "machine": { "cpus": 2, "memory": "4MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "giver", "count": 2,
              "steps": [
                { "mmap": { "length": "1MiB", "as": "m" } },
                { "mmap": { "length": "512KiB", "as": "d", "droppable": true } },
                {
                  "loop": {
                    "times": 2,
                    "steps": [
                      { "touch": { "region": "m" } },
                      { "touch": { "region": "d" } },
                      { "madvise": { "region": "m", "length": "512KiB", "advice": "free" } },
                      { "access": { "region": "m", "pattern": "uniform", "count": 100, "writePercent": 20 } },
                      {
                        "fork": {
                          "name": "child",
                          "steps": [
                            { "madvise": { "region": "m", "advice": "pageout" } },
                            { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 50 } },
                            { "madvise": { "region": "m", "advice": "free" } },
                            { "access": { "region": "m", "pattern": "uniform", "count": 100, "writePercent": 10 } },
                          ],
                        },
                      },
                      {
                        "thread": {
                          "steps": [
                            { "access": { "region": "m", "pattern": "uniform", "count": 300, "writePercent": 30 } },
                          ],
                        },
                      },
                      { "madvise": { "region": "m", "offset": "256KiB", "length": "512KiB", "advice": "free" } },
                      { "access": { "region": "d", "pattern": "uniform", "count": 200, "writePercent": 20 } },
                      { "wait": "all" },
                      { "madvise": { "region": "m", "advice": "pageout" } },
                      { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 20 } },
                    ],
                  },
                },
              ],
            },
            {
              "name": "eater",
              "steps": [
                { "mmap": { "length": "6MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 1000, "writePercent": 30 } },
              ],
            },
          ],
        }
        """;

    [Theory]
    [InlineData(ContentMode.Tags)]
    [InlineData(ContentMode.Bytes)]
    public void Every_load_sees_what_it_may_see(ContentMode contents)
    {
        Scenario scenario = SwapRunSpec.WithSwap(GivesAway, 1 << 13, contents);
        RunResult result = DirectMachine.Execute(
            scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Round } });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(SwapRunSpec.Counter(result, "pglazyfree") > 300, "pages were given away");
        Assert.True(SwapRunSpec.Counter(result, "pglazyfreed") > 50, "pages were dropped");
        Assert.True(SwapRunSpec.Counter(result, "pswpout") > 300, "pages were sent away");
    }

    // One thread gives pages away and has them leave while the other stores to them.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_store_that_meets_a_page_on_its_way_out_is_not_lost(ulong seed)
    {
        Scenario scenario = SwapRunSpec.WithSwap("""
            {
              "name": "race", "machine": { "cpus": 2, "memory": "8MiB", "overcommitMemory": 1 },
              "processes": [ { "name": "racer", "steps": [
                { "mmap": { "length": "2MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "thread": { "steps": [
                  { "access": { "region": "m", "pattern": "uniform", "count": 300000, "writePercent": 5 } } ] } },
                { "loop": { "times": 20, "steps": [
                  { "madvise": { "region": "m", "advice": "free" } },
                  { "madvise": { "region": "m", "advice": "pageout" } } ] } },
                { "wait": "all" } ] } ],
            }
            """, 1 << 12);
        RunResult result = DirectMachine.Execute(scenario with
        {
            Seed = seed,
            Engine = scenario.Engine with { Audit = AuditLevel.End },
        });
        Assert.Empty(result.Audit.Violations);
        Assert.True(SwapRunSpec.Counter(result, "pglazyfree") > 300, "pages were given away");
    }

    [Fact]
    public void It_has_one_digest_however_it_is_run()
    {
        Scenario scenario = SwapRunSpec.WithSwap(GivesAway, 1 << 13);
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

    [Theory]
    [InlineData("mglru")]
    [InlineData("clock")]
    [InlineData("lru")]
    [InlineData("fifo")]
    [InlineData("random")]
    [InlineData("aging")]
    public void Every_policy_can_do_it(string policy)
    {
        Scenario scenario = SwapRunSpec.WithSwap(GivesAway, 1 << 13);
        RunResult result = DirectMachine.Execute(scenario with
        {
            Machine = scenario.Machine with { Replacement = policy },
            Engine = scenario.Engine with { Audit = AuditLevel.End },
        });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
    }
}
