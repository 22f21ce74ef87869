using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Machine;

/// <summary>Several machines, one after the other, in one actor system.</summary>
public class MachineHostSpec
{
    public static TheoryData<EngineSettings> Engines => MachineRunSpec.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public void Runs_in_a_row_come_to_the_same_as_runs_apart(EngineSettings engine)
    {
        using var host = new MachineHost(NullLoggerFactory.Instance);
        foreach (string name in (string[])["families", "tiny", "naps", "tiny"])
        {
            Scenario scenario = Of(name, engine);
            string alone = MachineRun.Execute(scenario, NullLoggerFactory.Instance).Digest;
            Assert.Equal(alone, host.Run(scenario).Digest);
        }
    }

    [Fact]
    public void Another_engine_gets_another_system()
    {
        using var host = new MachineHost(NullLoggerFactory.Instance);
        string digest = host.Run(Of("tiny", new EngineSettings())).Digest;
        Assert.Equal(digest, host.Run(Of("tiny", new EngineSettings { Threads = 2 })).Digest);
        Assert.Equal(digest, host.Run(Of("tiny", new EngineSettings { ScheduleSeed = 3 })).Digest);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_run_that_fails_harms_no_later_one(EngineSettings engine)
    {
        using var host = new MachineHost(NullLoggerFactory.Instance);
        Scenario scenario = Of("tiny", engine);
        string digest = host.Run(scenario).Digest;
        Scenario cut = scenario with { Engine = engine with { MaxVirtualNs = 1 } };
        Assert.Throws<ConfigurationException>(() => host.Run(cut));
        Assert.Equal(digest, host.Run(scenario).Digest);
    }

    private static Scenario Of(string name, EngineSettings engine) => Scenarios.Of(name) with { Engine = engine };
}
