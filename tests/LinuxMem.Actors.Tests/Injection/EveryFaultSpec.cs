using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>Every fault site of the machine fails, once and from then on, in a run of its own.</summary>
public sealed class EveryFaultSpec
{
    // No step of a scenario sets a policy; EverySiteSpec fails it.
    private static readonly FaultSite[] OutOfReach = [FaultSite.MpolNew];

    [Fact]
    public void Every_site_is_reached_and_no_failure_breaks_anything()
    {
        Scenario scenario = BuiltIn.Read("every-fault", []);
        scenario = scenario with { Engine = scenario.Engine with { Audit = AuditLevel.End } };
        using var host = new MachineHost(NullLoggerFactory.Instance);
        FailNthResult result = new FailNthSweep(scenario, "*", one => host.Run(one)).Run(each: 1);
        Assert.Equal(FaultSite.All.Where(site => !site.Point.IsApart).Except(OutOfReach).Select(site => site.Name),
            result.Reached.Select(reached => reached.Site.Name).Distinct());
        Assert.Empty(result.Runs.Where(run => run.Outcome >= FailNthOutcome.Stuck).Select(run => run.Detail));
        Assert.Equal(result.Reached.Select(r => (r.Site, r.Operation)).Distinct().Count() * 2, result.Runs.Count);
    }
}
