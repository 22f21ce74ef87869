using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>
/// F28 to F30: interrupts to other CPUs' TLBs that are late, lost, there twice, or overtake each other. The audit at
/// every round sees that no frame is free while a TLB may name it (I17), and no TLB older than it may be (I15 to I18).
/// </summary>
public sealed class ShootdownFaultSpec
{
    private static readonly string[] Wild =
    [
        "ipi_late=1,40,0,-1,delay=3us,jitter=90us", "ipi_twice=1,30,0,-1,delay=7us",
        "ipi_lost=1,10,0,-1,csd-lock-timeout=60us",
    ];

    public static TheoryData<string> Names => ["threads", "asids", "server", "mmapLock"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_becomes_of_interrupts_the_audit_is_clean_and_the_digest_the_same(string name)
    {
        RunResult expected = Run(name, new EngineSettings { Audit = AuditLevel.Round }, Wild);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2 }, new() { WindowNs = 500 }, new() { WindowNs = 3_600_000_000_000 },
            new() { ScheduleSeed = 5, WindowNs = 10_000 },
        })
            Assert.Equal(expected.Digest, Run(name, engine, Wild).Digest);
    }

    [Fact]
    public void A_late_interrupt_costs_its_sender_time_and_nobody_anything_else()
    {
        RunResult plain = Run("threads", new EngineSettings { Audit = AuditLevel.Round });
        RunResult late = Run("threads", new EngineSettings { Audit = AuditLevel.Round },
            "ipi_late=1,100,0,1,delay=2ms");
        Assert.Equal(1, late.Faults!.Failures);
        Assert.InRange(late.VirtualNs, 2_000_000, plain.VirtualNs + 4_000_000);
    }

    [Theory]
    [InlineData("ipi")]
    [InlineData("ack")]
    public void What_is_lost_is_warned_of_after_five_seconds_and_sent_again(string lost)
    {
        RunResult result = Run("threads", new EngineSettings { Audit = AuditLevel.Round },
            $"ipi_lost=1,100,0,2,lost={lost}");
        Assert.Equal(2, result.Faults!.Failures);
        string[] log = [.. result.KernelLog.Select(line => line.Text).Where(text => text.Contains("csd:", default))];
        Assert.Contains(log, text => text.StartsWith("csd: Detected non-responsive CSD lock (#1)", default));
        Assert.Contains(log, text => text.StartsWith("csd: Re-sending CSD lock (#1) IPI from CPU#", default));
        Assert.Contains(log, text => text.StartsWith("csd: Continued non-responsive CSD lock (#1)", default));
        Assert.Contains(log, text => text.StartsWith("csd: CSD lock (#1) got unstuck", default));
        Assert.InRange(result.VirtualNs, 10_000_000_000, 11_000_000_000);
        Assert.Equal("done", result.Outcome);
    }

    [Fact]
    public void Without_sending_again_the_run_ends_as_a_stall_and_says_why()
    {
        RunResult result = Run("threads", new EngineSettings { Audit = AuditLevel.Round },
            "ipi_lost=1,100,0,1,resend=N");
        Assert.Equal("stall", result.Outcome);
        Assert.Contains("for ever", result.Stall!.Reason, StringComparison.Ordinal);
        Assert.Equal(result.Digest, Run("threads", new EngineSettings { Threads = 2, WindowNs = 700 },
            "ipi_lost=1,100,0,1,resend=N").Digest);
    }

    [Fact]
    public void An_interrupt_that_comes_twice_is_answered_once()
    {
        RunResult twice = Run("threads", new EngineSettings { Audit = AuditLevel.Round },
            "ipi_twice=1,100,0,-1,delay=1us");
        Assert.NotEqual(0, twice.Faults!.Failures);
        Assert.Equal("done", twice.Outcome);
    }

    [Fact]
    public void Only_the_CPUs_that_were_named_are_concerned()
    {
        RunResult result = Run("threads", new EngineSettings(), "ipi_late=1,100,0,-1,cpu=2,delay=1us");
        Assert.NotEmpty(result.Faults!.Injected);
        Assert.All(result.Faults.Injected, fault => Assert.Equal("2", fault.Detail));
    }

    private static RunResult Run(string name, EngineSettings engine, params string[] rules) => FaultRun.Of(
        Scenarios.Of(name) with
        {
            Engine = engine,
            Faults = new FaultSettings { Rules = [.. rules.Select(FaultText.Parse)] },
        });
}
