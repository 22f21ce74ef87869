using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;
using LinuxMem.Testing.Shrinking;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem shrink: makes a finding small.</summary>
internal static class ShrinkCommand
{
    private const int UsualRuns = 3000;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "shrink",
            "Make a scenario with which something is found (a broken invariant, an expectation that fails) as small as "
                + "possible: fewer processes, steps, settings and decisions, smaller numbers, the same finding.",
            "SCENARIO [options]",
            [
                ("linuxmem shrink random:2356 --set choices=random --out small.json",
                    "The options of the 'linuxmem run' that shows the finding."),
                ("linuxmem run small.json", "Shows it again."),
            ]);
        var scenario = new Argument<string>("SCENARIO")
        {
            Description = "A JSON file, or a name that 'linuxmem scenarios' lists.",
        };
        Option<ulong?> seed = OptionValues.Number(
            "--seed", "Seed of every random choice; without it, the scenario's own.", 0, ulong.MaxValue);
        Option<string?> audit = OptionValues.Word(
            "--audit", "off|end|round", "When the invariants are checked; without it, after every round.",
            "off", "end", "round");
        Option<string[]> sets = OptionValues.Settings();
        var faults = new FaultOptions();
        Option<ulong?> runs = OptionValues.Number(
            "--runs", $"The most runs to make; if not given, {UsualRuns}.", 1, 1_000_000);
        var output = new Option<string?>("--out")
        {
            Description = "Write the small scenario to this file; without it, to stdout.",
            HelpName = "FILE",
        };
        command.Add(scenario);
        foreach (Option option in (Option[])[seed, audit, sets, runs, output])
            command.Add(option);
        faults.AddTo(command);
        command.SetAction(parsed => context.Guard(() =>
        {
            ReportFile? file = parsed.GetValue(output) is { } path ? ReportFile.Check("--out", path) : null;
            string name = parsed.GetRequiredValue(scenario);
            string[] changes = parsed.GetValue(sets) ?? [];
            Scenario whole = context.Services.Scenarios.Read(name, changes);
            var document = ScenarioDocument.Parse(context.Services.Scenarios.Text(name).Span);
            foreach (string change in changes)
            {
                int equals = change.IndexOf('=', StringComparison.Ordinal);
                document = document.With(change[..equals], change[(equals + 1)..]);
            }

            document = document
                .With("seed", $"{parsed.GetValue(seed) ?? whole.Seed}")
                .With("engine.audit", parsed.GetValue(audit) ?? "round");
            document = WithFaults(document, faults.Read(parsed));
            (ScenarioDocument smallest, RunRecord finding, int made) = Shrinker.Shrink(
                document, (int)(parsed.GetValue(runs) ?? UsualRuns), cancel: context.Services.Cancel);
            context.Complain($"{document.Utf8.Length} bytes became {smallest.Utf8.Length} in {made} runs: "
                + finding.Finding);
            if (file is null)
                context.Output.Write(System.Text.Encoding.UTF8.GetString(smallest.Utf8));
            else
                file.Write(stream => stream.Write(smallest.Utf8));
            context.Output.WriteLine(
                file is null ? "" : "linuxmem run " + ShellText.Join([parsed.GetValue(output)!]));
            return ExitCode.Done;
        }));
        return command;
    }

    // Options that inject become keys of the scenario, so that they can be made fewer.
    private static ScenarioDocument WithFaults(ScenarioDocument document, FaultRequest faults)
    {
        foreach (FaultRule rule in faults.Rules)
        {
            string path = $"faults.{rule.Point.Name}";
            document = document
                .With($"{path}.interval", $"{rule.Attr.Interval}")
                .With($"{path}.probability", $"{rule.Attr.Probability}")
                .With($"{path}.space", $"{rule.Attr.Space}")
                .With($"{path}.times", $"{rule.Attr.Times}");
            foreach (KeyValuePair<string, string> parameter in rule.Parameters)
                document = document.With($"{path}.{parameter.Key}", ValueOf(rule.Point, parameter));
        }

        if (faults.Decisions is { } decisions)
        {
            string list = string.Join("\", \"", decisions);
            document = document.With("faults.failAt", $"[\"{list}\"]");
        }

        return faults.HealAtNs is { } healNs ? document.With("faults.healAt", $"{healNs}ns") : document;
    }

    private static string ValueOf(FaultPoint point, KeyValuePair<string, string> parameter)
    {
        FaultValueKind kind = point.Parameters.First(one => one.Name == parameter.Key).Kind;
        return kind == FaultValueKind.Flag ? parameter.Value == "Y" ? "true" : "false" : parameter.Value;
    }
}
