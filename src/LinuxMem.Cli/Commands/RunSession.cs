using LinuxMem.Cli.Display;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Views;
using LinuxMem.Reporting;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace LinuxMem.Cli.Commands;

/// <summary>Runs a scenario as the options ask, and gives out what came of it.</summary>
/// <param name="context">The call of the command.</param>
/// <param name="request">What its options ask for.</param>
/// <param name="check">Checks what --out names (and whether it may be replaced), and makes it later.</param>
internal sealed class RunSession(
    CommandContext context, RunRequest request, Func<string, bool, IResultDirectory> check)
{
    private const int MostRejected = 20;

    /// <summary>Checks the output directory, reads the input, runs, reports.</summary>
    /// <param name="open">Reads and checks the input; called when the options are known to be good.</param>
    /// <param name="strict">Whether a rejected line of a log is bad input.</param>
    public int Run(Func<(Scenario Scenario, Func<RunResult, ReplayTotals>? Totals)> open, bool strict)
    {
        using IResultDirectory? directory = request.Out is null ? null : check(request.Out, request.Force);
        ReportFile? junit = request.JUnit is null ? null : ReportFile.Check("--junit", request.JUnit);
        (Scenario scenario, Func<RunResult, ReplayTotals>? totals) = open();
        scenario = request.Apply(scenario);
        if (request.Until is { } until)
            scenario = EndAt(scenario, until);
        directory?.Begin();
        var verdict = new RunVerdict(context, scenario, ReplayCommand(scenario));
        using var views = ViewFiles.Begin(request.Views);
        scenario = views.Listen(scenario);
        try
        {
            double start = context.Services.Seconds();
            RunResult result = Simulate(scenario);
            views.Complete(result);
            double wall = context.Services.Seconds() - start;
            ReplayTotals? replay = totals?.Invoke(result);
            KernelBug.Assert(replay is null || replay.AddUp, "every line of a log is accounted for");
            directory?.Complete(result, replay);
            Print(result, wall, replay);
            IReadOnlyList<ExpectationOutcome> outcomes = ExpectationJudge.Judge(scenario.Expect, result);
            if (junit is not null)
                verdict.Write(junit, result, outcomes);
            int code = Judge(result, replay, strict, scenario);
            return verdict.Tell(outcomes) || code != ExitCode.Done ? code : ExitCode.ExpectationFailed;
        }
        catch (KernelBug bug)
        {
            if (junit is not null)
                verdict.Write(junit, bug.Message);
            views.Complete(null);
            context.Complain("invariant violated: " + bug.Message);
            SayHowToReplay(scenario);
            return ExitCode.InvariantViolated;
        }
        catch (Exception e) when (e is not (OperationCanceledException or IOException))
        {
            // A run that breaks down, or has no end: what came before is what its reader is after. The last events
            // come when the machine is taken apart, which is after an exception filter has been asked.
            if (views.HeardAny)
                views.Complete(null);
            throw;
        }
    }

    // Runs once to find the moment; what is shown is another run, which is the same up to there.
    private Scenario EndAt(Scenario scenario, IReadOnlySet<Tracepoint> until)
    {
        var first = new FirstEvent(until);
        try
        {
            Simulate(scenario with { Engine = scenario.Engine with { Events = first } });
        }
        catch (KernelBug)
        {
            // What broke it is shown by the run that follows.
        }

        if (first.AtNs is { } atNs && atNs < (scenario.EndNs ?? long.MaxValue))
        {
            // What the scenario expects is of its end.
            return scenario with { EndNs = atNs + 1, Expect = [] };
        }

        context.Complain("--until: no such event has happened; this is the whole run");
        return scenario;
    }

    private RunResult Simulate(Scenario scenario)
    {
        using ILoggerFactory loggers = Loggers.Create(request.LogLevel);
        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Error) };
        IAnsiConsole console = AnsiConsole.Create(settings);
        return ProgressView.Run(
            Mode(console),
            scenario.Name,
            console,
            context.Services.Seconds,
            progress => context.Services.Simulator.Run(scenario, progress, loggers, context.Services.Cancel));
    }

    private ProgressMode Mode(IAnsiConsole console)
    {
        if (request.Progress == "off")
            return ProgressMode.None;
        // Log lines would tear a live view apart; a dumb terminal cannot show one.
        bool live = context.Services.ErrorIsTerminal && console.Profile.Capabilities.Ansi
            && !Loggers.IsTalkative(request.LogLevel);
        return live ? ProgressMode.Live : request.Progress == "on" ? ProgressMode.Lines : ProgressMode.None;
    }

    private void Print(RunResult result, double wall, ReplayTotals? replay)
    {
        if (!request.Json)
        {
            var options = new RunReportOptions
            {
                WallSeconds = wall,
                All = request.All,
                Locks = request.Locks,
                Replay = replay,
            };
            RunReportText.Write(context.Output, result, options);
            return;
        }

        using var json = new MemoryStream();
        RunResultJson.Write(json, result, wall, replay);
        json.Position = 0;
        using var reader = new StreamReader(json);
        var block = new char[1 << 14];
        for (int read = reader.Read(block); read > 0; read = reader.Read(block))
            context.Output.Write(block, 0, read);
    }

    private int Judge(RunResult result, ReplayTotals? replay, bool strict, Scenario scenario)
    {
        // The result first: whoever reads both streams on one terminal sees the messages last.
        context.Output.Flush();
        if (replay is { Rejected: > 0 })
            ListRejected(replay);
        string[] violations = [.. result.Audit.Violations, .. result.PowerCut?.Violations ?? []];
        if (violations.Length > 0)
        {
            foreach (string violation in violations.Take(20))
                context.Complain("invariant violated: " + violation);
            SayHowToReplay(scenario);
            return ExitCode.InvariantViolated;
        }

        if (strict && replay is { Rejected: > 0 })
            return ExitCode.BadInput;
        if (replay?.Check is { Mismatched: > 0 } check)
        {
            context.Complain($"{Units.Exact(check.Mismatched)} of {Units.Exact(check.Checked)} answers are not the "
                + "logged ones");
            return ExitCode.ExpectationFailed;
        }

        if (request.ExpectDigest is { } expected && expected != result.Digest)
        {
            context.Complain($"expectation failed: the digest is {result.Digest}, expected {expected}");
            return ExitCode.ExpectationFailed;
        }

        if (result.Panic is { } panic && !RunVerdict.IsExpected(scenario))
        {
            context.Complain("the simulated kernel panicked: " + panic.Message);
            return ExitCode.Panic;
        }

        if (result.Stall is { } stall && !RunVerdict.IsExpected(scenario))
        {
            context.Complain($"the simulated machine stalled at {stall.AtNs} ns: {stall.Reason}");
            return ExitCode.ExpectationFailed;
        }

        return ExitCode.Done;
    }

    private void ListRejected(ReplayTotals replay)
    {
        int listed = Math.Min(replay.RejectedMessages.Count, MostRejected);
        for (int i = 0; i < listed; i++)
            context.Error.WriteLine(SafeText.Clean(replay.RejectedMessages[i], 300));
        context.Complain($"{Units.Exact(replay.Rejected)} of {Units.Exact(replay.Lines)} lines were rejected"
            + (replay.Rejected > listed ? $"; the first {listed} are listed" : ""));
    }

    private void SayHowToReplay(Scenario scenario) => context.Error.WriteLine(
        "This is a bug of the simulator. To see it again: " + SafeText.Clean(ReplayCommand(scenario)));

    private string ReplayCommand(Scenario scenario)
    {
        bool named = context.Args[0] != "run"
            || context.Args.Any(arg => arg.StartsWith("--seed", StringComparison.Ordinal));
        string seed = named ? "" : $" --seed {scenario.Seed}";
        return context.CommandLine + seed;
    }
}
