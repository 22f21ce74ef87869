using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem fail-nth: fails every fault point that a scenario passes, one after the other.</summary>
internal static class FailNthCommand
{
    private const long AccessesAuditedByRound = 1_000_000;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "fail-nth",
            "Count the fault points that a scenario passes, then fail the 1st, 2nd, ... Nth of them, each in a run of "
                + "its own, alone and with all after it; print what survives. Exit code 4 if an invariant breaks, 1 if "
                + "a run does not end.",
            "[SCENARIO] [options]",
            [
                ("linuxmem fail-nth tiny", "A few passings of each site in each operation."),
                ("linuxmem fail-nth my.json --each 0 --points failslab", "Every single object of the kernel."),
                ("linuxmem fail-nth fork-storm --each 1 --json", "One passing of each; for programs."),
            ]);
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A JSON file, or a name that 'linuxmem scenarios' lists; without it, 'showcase'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        scenario.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(result.Tokens[0].Value, command));
        });
        Option<ulong?> each = OptionValues.Number(
            "--each", "Passings of each site in each operation that fail; 0 for all; if not given, 3.", 0, 1_000_000);
        var points = new Option<string?>("--points")
        {
            Description = "The fault points that fail, as a pattern; if not given, *.",
            HelpName = "PATTERN",
        };
        Option<ulong?> seed = OptionValues.Number("--seed", "Seed of every random choice.", 0, ulong.MaxValue);
        Option<string?> audit = OptionValues.Word("--audit", "end|round", "When invariants are checked; if not given, "
            + "after every round, but at the end where a run makes more than a million accesses.", "end", "round");
        Option<ulong?> most = OptionValues.Number("--most", "Runs at most, as long as each site in each "
            + "operation has two; if not given, 1000.", 2, 1_000_000);
        Option<ulong?> workers = OptionValues.Number("--workers", "Runs at the same time; they change the "
            + "speed only. If not given, one for each processor.", 1, 64);
        Option<string[]> sets = OptionValues.Settings();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(scenario);
        foreach (Option option in (Option[])[each, most, points, seed, audit, workers, sets, json])
            command.Add(option);
        command.SetAction(parsed => context.Guard(() =>
        {
            string name = parsed.GetValue(scenario) ?? "showcase";
            Scenario one = context.Services.Scenarios.Read(name, parsed.GetValue(sets) ?? []);
            one = one with { Seed = parsed.GetValue(seed) ?? one.Seed };
            AuditLevel? level = parsed.GetValue(audit) switch
            {
                "end" => AuditLevel.End,
                "round" => AuditLevel.Round,
                _ => null,
            };
            var asked = new FailNthRequest(
                name, (int)(parsed.GetValue(each) ?? 3), (int)(parsed.GetValue(most) ?? 1000),
                parsed.GetValue(points) ?? "*", level,
                (int)(parsed.GetValue(workers) ?? (ulong)Environment.ProcessorCount), parsed.GetValue(json));
            return Run(context, one, asked);
        }));
        return command;
    }

    private static int Run(CommandContext context, Scenario scenario, FailNthRequest asked)
    {
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        RunResult Simulate(Scenario one, AuditLevel level) => context.Services.Simulator.Run(
            one with { Engine = one.Engine with { Audit = level } }, null, loggers, context.Services.Cancel);
        var sweep = new FailNthSweep(scenario, asked.Points, one => Simulate(one, asked.Audit ?? AuditLevel.End));
        IReadOnlyList<(long Nth, FailNthMode Mode)> plan = sweep.Plan(asked.Each, asked.Most);
        AuditLevel level = asked.Audit
            ?? (sweep.PlainAccesses > AccessesAuditedByRound ? AuditLevel.End : AuditLevel.Round);
        FailNthResult result = sweep.ResultOf(FailNthWorkers.Run(
            plan.Count, Math.Min(asked.Workers, plan.Count),
            i => sweep.RunOne(plan[i].Nth, plan[i].Mode, one => Simulate(one, level)),
            done =>
            {
                if (context.Services.ErrorIsTerminal)
                    context.Error.Write($"\r{done} of {plan.Count} runs ");
            }));
        if (context.Services.ErrorIsTerminal)
            context.Error.Write("\r\e[K");
        var report = new FailNthReport(result, asked.Scenario, scenario.Seed, asked.Points);
        if (asked.Json)
            report.WriteJson(context.Output);
        else
            report.Write(context.Output);
        if (result.Runs.Any(run => run.Outcome == FailNthOutcome.Violated))
            return ExitCode.InvariantViolated;
        return result.Runs.Any(run => run.Outcome == FailNthOutcome.Stuck)
            ? ExitCode.ExpectationFailed : ExitCode.Done;
    }

    private sealed record FailNthRequest(
        string Scenario, int Each, int Most, string Points, AuditLevel? Audit, int Workers, bool Json);
}
