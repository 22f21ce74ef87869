using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>Whole runs of the kernel of Linux 2.0.</summary>
public sealed class ClassicRunSpec
{
    [Theory]
    [InlineData("classic-i386", 4096, 2), InlineData("classic-alpha", 8192, 3)]
    public void It_pages_on_demand_copies_on_write_and_swaps(string name, int pageBytes, int levels)
    {
        Scenario scenario = BuiltIn.Read(name, []);
        Assert.Equal(KernelEra.Classic, scenario.Machine.Kernel);
        Assert.Equal((1 << scenario.Machine.Paging.PageShift, scenario.Machine.Paging.Levels.Length),
            (pageBytes, levels));
        RunResult result = DirectMachine.Execute(
            scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } });
        Assert.Empty(result.Audit.Violations);
        Assert.All(result.Processes, p => Assert.StartsWith("exited", p.Fate, StringComparison.Ordinal));
        Assert.True(SwapRunSpec.Counter(result, "pswpout") > 300);
        Assert.True(SwapRunSpec.Counter(result, "pswpin") > 10);
        Assert.True(result.FaultKinds.First(k => k.Key == "CowCopy").Value > 10);
        // Six orders, in one list of lists; and the ages that reclaim found.
        Assert.Equal(6, Assert.Single(result.BuddyInfo).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length - 4);
        Assert.InRange(result.PageAges.Sum(), 20, 4096);
    }

    [Theory]
    [InlineData("classic-i386"), InlineData("classic-alpha")]
    public void It_has_one_digest_however_it_is_run(string name)
    {
        Scenario scenario = BuiltIn.Read(name, []);
        string expected = Outcome.OfLoop(scenario);
        foreach (long windowNs in (long[])[500, 7_777, 3_600_000_000_000])
        {
            Scenario other = scenario with { Engine = scenario.Engine with { WindowNs = windowNs, Threads = 2 } };
            Assert.Equal(expected, windowNs == 500 ? Outcome.OfLoop(other) : Outcome.OfActors(other));
        }
    }

    [Theory]
    [InlineData(1UL), InlineData(2UL), InlineData(3UL)]
    public void More_CPUs_change_nothing_about_it(ulong seed)
    {
        Scenario scenario = BuiltIn.Read("classic-i386", ["machine.cpus=4", $"seed={seed}"]);
        scenario = scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } };
        RunResult result = DirectMachine.Execute(scenario);
        Assert.Empty(result.Audit.Violations);
        Scenario other = scenario with { Engine = scenario.Engine with { WindowNs = 777, Threads = 2 } };
        Assert.Equal(Outcome.OfLoop(scenario), Outcome.OfActors(other));
    }
}
