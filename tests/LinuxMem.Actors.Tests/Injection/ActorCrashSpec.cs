using LinuxMem.Actors.Tests.Reclaim;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Tests.Injection;

/// <summary>
/// F40: an actor crashes in the handling of a message and is restarted by its supervisor; what that means is defined
/// for each kind. The audit at every round finds nothing leaked and nothing half done.
/// </summary>
public sealed class ActorCrashSpec
{
    [Theory]
    [InlineData("threads", "actor_crash=7,100,0,-1,actor=cpu-*")]
    [InlineData("server", "actor_crash=5,100,0,-1,actor=cpu-1")]
    [InlineData("families", "actor_crash=90,100,0,3,actor=p-*")]
    [InlineData("disks", "actor_crash=9,100,0,-1,actor=page-cache")]
    [InlineData("disks", "actor_crash=11,100,0,-1,actor=disk-*")]
    [InlineData("disks", "actor_crash=60,100,0,12,reject=*swap_actor,actor=*-*")]
    public void What_is_left_is_consistent_and_the_same_whatever_the_threads_and_windows(string name, string rule)
    {
        RunResult expected = Run(name, new EngineSettings { Audit = AuditLevel.Round }, rule);
        Assert.NotEqual(0, expected.Faults!.Failures);
        Assert.Equal("done", expected.Outcome);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2, WindowNs = 700 }, new() { WindowNs = 3_600_000_000_000 }, new() { ScheduleSeed = 4 },
        })
            Assert.Equal(expected.Digest, Run(name, engine, rule).Digest);
    }

    [Fact]
    public void A_CPU_that_crashed_fills_its_TLB_anew_and_nobody_loses_anything()
    {
        RunResult result = Run("server", new EngineSettings { Audit = AuditLevel.Round },
            "actor_crash=3,100,0,-1,actor=cpu-*");
        Assert.All(result.Processes, p => Assert.Equal("exited 0", p.Fate));
        RunResult plain = FaultRun.Of(Scenarios.Of("server"));
        Assert.Equal(plain.Accesses, result.Accesses);
        Assert.True(result.Cpus.Sum(c => c.TlbMisses) > plain.Cpus.Sum(c => c.TlbMisses));
    }

    [Fact]
    public void A_process_that_crashed_is_killed_and_its_memory_is_free()
    {
        RunResult result = Run("naps", new EngineSettings { Audit = AuditLevel.Round },
            "actor_crash=10,100,0,1,actor=p-*");
        Assert.Single(result.Processes, p => p.Fate == "killed SIGKILL");
        Assert.Equal(12, result.Processes.Count(p => p.Fate == "exited 0"));
    }

    [Fact]
    public void A_page_cache_that_crashed_while_nothing_is_under_way_is_as_before()
    {
        RunResult plain = FaultRun.Of(Scenarios.Of("server"));
        RunResult result = Run("server", new EngineSettings { Audit = AuditLevel.Round },
            "actor_crash=1,100,0,-1,actor=page-cache");
        Assert.NotEqual(0, result.Faults!.Failures);
        Assert.Equal(plain.Digest, result.Digest);
    }

    [Theory]
    [InlineData("kernel", "")]
    [InlineData("page-cache", ",page-cache=panic")]
    [InlineData("swap", "")]
    public void A_crash_that_nothing_survives_is_a_panic(string actor, string more)
    {
        Scenario scenario = actor == "swap"
            ? SwapRunSpec.WithSwap(SwapRunSpec.FourTimesRam, 1 << 14) : Scenarios.Of("server");
        Scenario crashes = scenario with
        {
            Faults = new FaultSettings { Rules = [FaultText.Parse($"actor_crash=5,100,0,1,actor={actor}{more}")] },
        };
        RunResult result = FaultRun.Of(crashes);
        Assert.Equal("panic", result.Outcome);
        Assert.Contains(result.KernelLog, line => line.Text == "Kernel panic - not syncing: " + result.Panic!.Message);
        Assert.Equal(result.Digest,
            FaultRun.Of(crashes with { Engine = new EngineSettings { Threads = 2, WindowNs = 900 } }).Digest);
    }

    private static RunResult Run(string name, EngineSettings engine, params string[] rules) => FaultRun.Of(
        Scenarios.Of(name) with
        {
            Engine = engine,
            Faults = new FaultSettings { Rules = [.. rules.Select(FaultText.Parse)] },
        });
}
