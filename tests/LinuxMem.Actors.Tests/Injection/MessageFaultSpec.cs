using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Reclaim;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>
/// F36 to F38 and F41: messages between actors that are lost, doubled, late, or overtake those of other pairs. Each
/// request has one effect and one answer (I49), and all messages are accounted for (I45), or the run would fail.
/// </summary>
public sealed class MessageFaultSpec
{
    private static readonly string[] Wild =
        ["message_loss=1,7,0,-1", "message_twice=1,20,0,-1", "message_late=1,15,0,-1"];

    public static TheoryData<string> Names => ["threads", "families", "server", "naps", "disks"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_becomes_of_messages_the_run_comes_to_the_same(string name)
    {
        Scenario scenario = Scenarios.Of(name);
        string expected = Outcome.OfActors(scenario);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Audit = AuditLevel.Round }, new() { Threads = 2 }, new() { WindowNs = 500 },
            new() { ScheduleSeed = 8, WindowNs = 20_000 },
        })
        {
            RunResult result = Run(scenario, engine, Wild);
            Assert.Equal(expected, result.Digest);
            Assert.NotEqual(0, result.Faults!.Messages.Sum(m => m.Lost));
            Assert.NotEqual(0, result.Faults.Messages.Sum(m => m.Copies));
            Assert.NotEqual(0, result.Faults.Messages.Sum(m => m.Late));
        }
    }

    [Fact]
    public void Messages_about_swap_go_astray_without_harm()
    {
        Scenario scenario = SwapRunSpec.WithSwap(SwapRunSpec.FourTimesRam, 1 << 14);
        Assert.Equal(Outcome.OfActors(scenario),
            Run(scenario, new EngineSettings(), "message_loss=1,3,0,-1,pair=*swap*", "message_twice=1,50,0,-1").Digest);
    }

    [Fact]
    public void What_becomes_of_them_is_drawn_for_each_pair_by_itself_whatever_the_threads()
    {
        Scenario scenario = Scenarios.Of("threads");
        RunResult one = Run(scenario, new EngineSettings { WindowNs = 5_000 }, Wild);
        RunResult two = Run(scenario, new EngineSettings { WindowNs = 5_000, Threads = 2 }, Wild);
        Assert.Equal(one.Faults!.Messages, two.Faults!.Messages);
    }

    [Theory]
    [InlineData("kernel>cpu-1")]
    [InlineData("cpu-0>kernel")]
    [InlineData("cpu-0>p-*")]
    [InlineData("p-*>cpu-0")]
    public void If_nobody_asks_again_a_lost_message_is_a_stall(string pair)
    {
        RunResult result = Run(Scenarios.Of("threads"), new EngineSettings(),
            $"message_loss=3,100,0,1,resend=N,pair={pair}");
        Assert.Equal("stall", result.Outcome);
        Assert.StartsWith("a message was lost on its way ", result.Stall!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_such_faults_there_are_no_wires()
    {
        Assert.Null(Wires.MachineWires.Of(Scenarios.Of("threads")));
        Assert.Empty(Run(Scenarios.Of("naps"), new EngineSettings(), "ipi_late=1,1,0,1").Faults!.Messages);
    }

    private static RunResult Run(Scenario scenario, EngineSettings engine, params string[] rules)
    {
        RunResult result = MachineRun.Execute(scenario with
        {
            Engine = engine,
            Faults = new FaultSettings { Rules = [.. rules.Select(FaultText.Parse)] },
        }, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        return result;
    }
}
