using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem fail-nth: fails every fault point that a scenario passes, one after the other.</summary>
internal static class FailNthCommand
{
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
            + "after every round.", "end", "round");
        Option<string[]> sets = OptionValues.Settings();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(scenario);
        foreach (Option option in (Option[])[each, points, seed, audit, sets, json])
            command.Add(option);
        command.SetAction(parsed => context.Guard(() =>
        {
            string name = parsed.GetValue(scenario) ?? "showcase";
            Scenario one = context.Services.Scenarios.Read(name, parsed.GetValue(sets) ?? []);
            AuditLevel level = parsed.GetValue(audit) == "end" ? AuditLevel.End : AuditLevel.Round;
            one = one with
            {
                Seed = parsed.GetValue(seed) ?? one.Seed,
                Engine = one.Engine with { Audit = level },
            };
            var asked = new FailNthRequest(
                name, (int)(parsed.GetValue(each) ?? 3), parsed.GetValue(points) ?? "*", parsed.GetValue(json));
            return Run(context, one, asked);
        }));
        return command;
    }

    private static int Run(CommandContext context, Scenario scenario, FailNthRequest asked)
    {
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        var sweep = new FailNthSweep(scenario, asked.Points, one => context.Services.Simulator.Run(
            one, null, loggers, context.Services.Cancel));
        FailNthResult result = sweep.Run(asked.Each, (done, all) =>
        {
            if (context.Services.ErrorIsTerminal)
                context.Error.Write($"\r{done} of {all} runs ");
        });
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

    private sealed record FailNthRequest(string Scenario, int Each, string Points, bool Json);
}
