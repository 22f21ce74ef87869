using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Runs in which tasks wait for memory, and memory for a disk that has lost the request.</summary>
public sealed class SilentDiskSpec
{
    [Theory]
    [InlineData(2)]
    [InlineData(19)]
    public void Who_waits_for_a_disk_that_does_not_answer_rests(ulong seed)
    {
        Scenario scenario = SimulatedMachine.Random(seed).WithChoices("random").Scenario();
        scenario = scenario with
        {
            Faults = scenario.Faults with { Rules = [FaultText.Parse("fail_io_timeout=1,50,0,-1")], Counts = true },
            Engine = scenario.Engine with { MaxVirtualNs = 3_600_000_000_000 },
        };
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        // A step every 50 us would come to half a million of them.
        Assert.InRange(result.VirtualNs, 10_000_000_000, long.MaxValue);
        Assert.InRange(result.Audit.Checks, 1, 1_000_000);
    }
}
