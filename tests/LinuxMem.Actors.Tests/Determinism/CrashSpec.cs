using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Machine;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Actors.Tests.Determinism;

/// <summary>An actor that crashes by injection is restarted, does its work once, and the run comes to the
/// same.</summary>
public class CrashSpec
{
    [Theory]
    [InlineData("cpu-0", 1, CrashMoment.Before)]
    [InlineData("cpu-0", 1, CrashMoment.After)]
    [InlineData("cpu-1", 40, CrashMoment.Before)]
    [InlineData("cpu-1", 40, CrashMoment.After)]
    [InlineData("p-3", 1, CrashMoment.Before)]
    [InlineData("p-3", 1, CrashMoment.After)]
    [InlineData("p-2", 7, CrashMoment.Before)]
    [InlineData("p-2", 7, CrashMoment.After)]
    [InlineData("page-cache", 2, CrashMoment.Before)]
    [InlineData("page-cache", 2, CrashMoment.After)]
    public void A_crash_changes_no_result(string actor, long message, CrashMoment moment)
    {
        foreach (int threads in new[] { 1, 2 })
            MustChangeNothing("server", threads, 1, new PlannedCrash(actor, message, moment));
    }

    [Theory]
    [InlineData("server")]
    [InlineData("naps")]
    [InlineData("threads")]
    public void Many_crashes_change_no_result(string name)
    {
        var crashes = new List<PlannedCrash>();
        for (int i = 1; i <= 300; i++)
        {
            CrashMoment moment = i % 3 == 0 ? CrashMoment.Before : CrashMoment.After;
            crashes.Add(new PlannedCrash($"cpu-{i % 3}", 5 * i, moment));
            crashes.Add(new PlannedCrash($"p-{i % 5}", 2 * i, moment));
            crashes.Add(new PlannedCrash("page-cache", i, moment));
        }

        MustChangeNothing(name, 2, 100, [.. crashes]);
    }

    [Fact]
    public void Any_other_exception_ends_the_run()
    {
        Scenario scenario = Scenarios.Of("naps");
        scenario = scenario with { Processes = [new ProcessSpec(() => new ScriptProgram(Fail))] };
        var failure = Assert.Throws<InvalidTimeZoneException>(() =>
            MachineRun.Execute(scenario, NullLoggerFactory.Instance, crashes: new CrashPlan()));
        Assert.Equal("mine", failure.Message);

        static void Fail(int number, in Abi.ProgramStart start, Abi.AccessBatch batch, in Abi.SyscallResult last) =>
            throw new InvalidTimeZoneException("mine");
    }

    private static void MustChangeNothing(string name, int threads, int atLeast, params PlannedCrash[] crashes)
    {
        Scenario scenario = Scenarios.Of(name) with
        {
            Engine = new EngineSettings { Threads = threads, Audit = AuditLevel.Round },
        };
        var plan = new CrashPlan(crashes);
        RunResult result = MachineRun.Execute(scenario, NullLoggerFactory.Instance, crashes: plan);
        Assert.InRange(plan.Injected, atLeast, crashes.Length);
        Assert.Equal([], result.Audit.Violations);
        Assert.Equal(Outcome.OfActors(scenario with { Engine = new EngineSettings() }), result.Digest);
    }
}
