using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Determinism;

/// <summary>Runs with injected faults are as repeatable as others, and end clean.</summary>
public class InjectionSpec
{
    private static readonly string[] Rules =
    [
        "fail_page_alloc=1,3,0,-1,min-order=0,ignore-gfp-wait=N,ignore-gfp-highmem=N", "fail_usercopy=1,20,0,-1",
        "failslab=1,3,0,-1,ignore-gfp-wait=N", "fail_function=1,5,0,-1",
    ];

    public static TheoryData<string> Names => ["families", "threads", "server", "naps", "disks"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Neither_threads_nor_windows_nor_schedules_change_what_fails(string name)
    {
        RunResult expected = Run(name, new EngineSettings { Audit = AuditLevel.Round });
        Assert.NotEqual(0, expected.Faults!.Failures);
        foreach (EngineSettings engine in new EngineSettings[]
        {
            new() { Threads = 2 }, new() { WindowNs = 500 }, new() { WindowNs = 3_600_000_000_000 },
            new() { ScheduleSeed = 3, WindowNs = 10_000 },
        })
        {
            RunResult other = Run(name, engine);
            Assert.Equal(expected.Digest, other.Digest);
            Assert.Equal(expected.Faults.Replay, other.Faults!.Replay);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_failed_fails_again_without_drawing(string name)
    {
        RunResult drawn = Run(name, new EngineSettings());
        Scenario replay = Scenarios.Of(name) with
        {
            Faults = new FaultSettings { Decisions = FaultDecision.ParseList(drawn.Faults!.Replay) },
        };
        Assert.Equal(drawn.Digest, Run(replay).Digest);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Counting_what_is_passed_changes_nothing(string name)
    {
        RunResult plain = Run(Scenarios.Of(name));
        Assert.Null(plain.Faults);
        RunResult counted = Run(Scenarios.Of(name) with { Faults = new FaultSettings { Counts = true } });
        Assert.Equal(plain.Digest, counted.Digest);
        Assert.Equal((0, true), (counted.Faults!.Failures, counted.Faults.Counted > 0));
    }

    private static RunResult Run(string name, EngineSettings engine) => Run(Scenarios.Of(name) with
    {
        Engine = engine,
        Faults = new FaultSettings { Rules = [.. Rules.Select(FaultText.Parse)] },
    });

    private static RunResult Run(Scenario scenario)
    {
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance);
        Assert.Empty(result.Audit.Violations);
        return result;
    }
}
