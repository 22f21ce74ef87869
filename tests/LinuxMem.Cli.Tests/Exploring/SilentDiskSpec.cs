using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing;
using LinuxMem.Testing.Exploring;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Swarm runs in which tasks wait for memory, and memory for a disk that has lost the request.</summary>
public sealed class SilentDiskSpec
{
    [Theory]
    [InlineData(142)]
    [InlineData(377)]
    public void Who_waits_for_a_disk_that_does_not_answer_rests(ulong seed)
    {
        Scenario scenario = SimulatedMachine.Random(seed).WithChoices("random").Scenario();
        scenario = scenario with
        {
            Faults = scenario.Faults with { Rules = SwarmFaults.Draw(seed), Counts = true },
            Engine = scenario.Engine with { MaxVirtualNs = 3_600_000_000_000 },
        };
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        // A step every 50 us would come to half a million of them.
        Assert.InRange(result.VirtualNs, 10_000_000_000, long.MaxValue);
        Assert.InRange(result.Audit.Checks, 1, 1_000_000);
    }
}
