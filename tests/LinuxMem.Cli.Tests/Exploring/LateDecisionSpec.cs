using LinuxMem.Testing;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Late interrupts and late I/Os are decisions like others.</summary>
public sealed class LateDecisionSpec
{
    [Theory]
    [InlineData("tiny-shootdown", "ipi-delay@0=20000")]
    [InlineData("tiny-shootdown", "ipi-delay@1=100000,resume-delay@3=5000")]
    [InlineData("tiny-swap", "io-delay@0=200000")]
    [InlineData("tiny-swap", "io-delay@1=1000000,io-delay@2=1")]
    public void A_late_interrupt_or_IO_makes_another_run_that_is_as_well_and_as_repeatable(string name, string choices)
    {
        string usual = SimulatedMachine.Named(name).WithChoices("usual").Run().Digest;
        SimulatedMachine machine = SimulatedMachine.Named(name).WithChoices(choices).AuditedEveryRound();
        MachineOutcome outcome = machine.Run();
        Assert.Empty(outcome.Violations);
        Assert.NotEqual(usual, outcome.Digest);
        Assert.Equal(outcome.Digest, machine.With("engine.windowNs", "777").Run().Digest);
    }
}
