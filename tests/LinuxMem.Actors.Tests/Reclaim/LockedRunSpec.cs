using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs in which programs lock memory while it is short.</summary>
public class LockedRunSpec
{
    private const string Locks = """
        {
          "name": "locks", "machine": { "cpus": 2, "memory": "4MiB", "overcommitMemory": 1 },
          "processes": [
            {
              "name": "locker", "count": 2, "limits": { "memlock": "8MiB" },
              "steps": [
                { "open": { "path": "/data", "size": "256KiB", "as": "f" } },
                { "mmap": { "length": "512KiB", "as": "m" } },
                { "mmap": { "length": "256KiB", "as": "s", "shared": true } },
                { "mmap": { "length": "256KiB", "as": "file", "file": "f", "prot": "r" } },
                { "touch": { "region": "m" } },
                { "mlock": { "region": "m", "length": "256KiB" } },
                { "mlock": { "region": "s", "onFault": true } },
                { "mlock": { "region": "file" } },
                {
                  "fork": {
                    "name": "child",
                    "steps": [
                      { "mlock": { "region": "s" } },
                      { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 50 } },
                      { "mlockall": { "future": true } },
                      { "mmap": { "length": "128KiB", "as": "n" } },
                      { "munlock": { "region": "m", "offset": "64KiB", "length": "64KiB" } },
                      { "access": { "region": "s", "pattern": "uniform", "count": 100, "writePercent": 50 } },
                    ],
                  },
                },
                { "access": { "region": "m", "pattern": "uniform", "count": 300, "writePercent": 50 } },
                { "access": { "region": "s", "pattern": "uniform", "count": 100, "writePercent": 30 } },
                { "thread": { "steps": [
                    { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 50 } },
                    { "munlock": { "region": "m", "length": "128KiB" } },
                ] } },
                { "madvise": { "region": "m", "offset": "64KiB", "length": "64KiB", "advice": "dontneed_locked" } },
                { "wait": "all" },
                { "munlockall": {} },
                { "access": { "region": "m", "pattern": "uniform", "count": 200, "writePercent": 30 } },
              ],
            },
            {
              "name": "eater",
              "steps": [
                { "mmap": { "length": "5MiB", "as": "m" } },
                { "touch": { "region": "m" } },
                { "access": { "region": "m", "pattern": "uniform", "count": 400, "writePercent": 30 } },
              ],
            },
          ],
        }
        """;

    [Theory]
    [InlineData("two-list")]
    [InlineData("mglru")]
    [InlineData("clock")]
    [InlineData("random")]
    [InlineData("aging")]
    public void Locked_pages_are_counted_and_stay(string policy)
    {
        Scenario scenario = SwapRunSpec.WithSwap(Locks, 1 << 13);
        RunResult result = DirectMachine.Execute(scenario with
        {
            Machine = scenario.Machine with { Replacement = policy },
            Engine = scenario.Engine with { Audit = policy == "two-list" ? AuditLevel.Round : AuditLevel.End },
        });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        Assert.True(SwapRunSpec.Counter(result, "unevictable_pgs_mlocked") > 200, "pages were locked");
        Assert.Equal(0, SwapRunSpec.Counter(result, "nr_mlock"));
        Assert.Equal(SwapRunSpec.Counter(result, "unevictable_pgs_mlocked"),
            SwapRunSpec.Counter(result, "unevictable_pgs_munlocked")
                + SwapRunSpec.Counter(result, "unevictable_pgs_cleared"));
    }

    [Fact]
    public void It_has_one_digest_however_it_is_run()
    {
        Scenario scenario = SwapRunSpec.WithSwap(Locks, 1 << 13);
        string expected = Outcome.OfLoop(scenario);
        Assert.Matches("^[0-9a-f]+$", expected);
        foreach (long windowNs in (long[])[500, 7_777, 1_000_000, 3_600_000_000_000])
            Assert.Equal(expected, Outcome.OfLoop(scenario with
            {
                Engine = scenario.Engine with { WindowNs = windowNs },
            }));
        Assert.Equal(expected, Outcome.OfActors(scenario with { Engine = scenario.Engine with { Threads = 2 } }));
    }
}
