using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Proofs;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exhaustive;
using LinuxMem.Testing.Exploring;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem exhaust: runs a tiny scenario with every combination of a few unusual decisions.</summary>
internal static class ExhaustCommand
{
    private const int ListedMax = 20;
    private const ulong UsualBound = 2;
    private const ulong UsualRuns = 1_000_000;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "exhaust",
            "Run a tiny scenario with every combination of a few unusual decisions where the machine is free (who "
                + "wakes first and where, who is preempted, what is late), check the invariants after every round, and "
                + "print how many states there were. Or visit every state of a part of the kernel: "
                + string.Join("; ", KnownSpaces.All.Select(one => $"{one.Name} ({one.Summary})")) + ".",
            "[SCENARIO | STRUCTURE] [options]",
            [
                ("linuxmem exhaust tiny-shootdown", "Every two unusual decisions."),
                ("linuxmem exhaust tiny-swap --bound 3 --workers 2", "Every three."),
                ("linuxmem exhaust tiny-shootdown --allow-mutants --mutant M10", "A planted bug is found."),
                ("linuxmem exhaust buddy", "Every state of the buddy system over 16 frames, for minutes."),
            ]);
        Argument<string?> scenario = ScenarioArgument.Of(command);
        Option<ulong?> bound = OptionValues.Number(
            "--bound", $"The most unusual decisions in one run; if not given, {UsualBound}.", 0, 10);
        Option<ulong?> runs = OptionValues.Number(
            "--runs", $"The most runs; if not given, {UsualRuns}.", 1, 1_000_000_000);
        Option<ulong?> states = OptionValues.Number("--states",
            "Of a structure: the search ends after the operation with which there are so many states; if not given, it "
                + "goes on to the last.", 1, 1_000_000_000);
        Option<ulong?> workers = OptionValues.Number(
            "--workers", "Runs at the same time; without it, one a core. Changes no result.", 1, 256);
        var allow = new Option<bool>("--allow-mutants") { Description = "Let --mutant break the kernel on purpose." };
        var mutant = new Option<string?>("--mutant")
        {
            Description = "A known bug to plant, as 'linuxmem mutants --help' lists them.",
            HelpName = "M10",
        };
        Option<string[]> sets = OptionValues.Settings();
        command.Add(scenario);
        foreach (Option option in (Option[])[bound, runs, states, workers, allow, mutant, sets])
            command.Add(option);
        command.SetAction(parsed => context.Guard(() =>
        {
            Mutant planted = MutantOf(parsed.GetValue(mutant), parsed.GetValue(allow));
            string? name = parsed.GetValue(scenario);
            string[] changes = parsed.GetValue(sets) ?? [];
            int threads = (int)(parsed.GetValue(workers) ?? (ulong)Environment.ProcessorCount);
            if (KnownSpaces.Find(name) is { } structure)
            {
                Refuse(structure.Name, (bound, parsed.GetValue(bound) is not null),
                    (runs, parsed.GetValue(runs) is not null), (sets, changes.Length > 0));
                return StateSpaceReport.Run(
                    context, structure, planted, (long)(parsed.GetValue(states) ?? long.MaxValue), threads);
            }

            Refuse(name ?? "showcase", (states, parsed.GetValue(states) is not null));
            return Run(context, name ?? "showcase", () => Make(context, name, changes, planted), new ExhaustiveRequest
            {
                Bound = (int)(parsed.GetValue(bound) ?? UsualBound),
                RunsMax = (long)(parsed.GetValue(runs) ?? UsualRuns),
                Workers = threads,
                Cancel = context.Services.Cancel,
            });
        }));
        return command;
    }

    // Neither kind of search takes what is meant for the other.
    private static void Refuse(string name, params (Option Option, bool IsGiven)[] options)
    {
        foreach ((Option option, bool isGiven) in options)
        {
            if (isGiven)
                throw new ConfigurationException($"{option.Name}: it says nothing about '{SafeText.Clean(name, 80)}'");
        }
    }

    private static Mutant MutantOf(string? name, bool isAllowed)
    {
        if (name is null)
            return Mutant.None;
        if (!isAllowed)
            throw new ConfigurationException("--mutant: this breaks the kernel on purpose; expected --allow-mutants");
        return MutantCatalog.All.FirstOrDefault(one => one.Mutant.ToString() == name)?.Mutant
            ?? throw new ConfigurationException($"--mutant: there is no mutant '{SafeText.Clean(name, 80)}'");
    }

    private static Scenario Make(CommandContext context, string? name, string[] sets, Mutant mutant)
    {
        Scenario scenario = context.Services.Scenarios.Read(name, sets);
        return scenario with
        {
            Machine = scenario.Machine with { Mutant = mutant },
            Engine = scenario.Engine with { Audit = AuditLevel.Round, Threads = 1 },
        };
    }

    private static int Run(
        CommandContext context, string name, Func<Scenario> scenario, ExhaustiveRequest request)
    {
        scenario(); // what is wrong with it is told before anything is run
        ExhaustiveResult result = ExhaustiveSearch.Run(scenario, request);
        string extent = result.IsComplete
            ? $"every combination of up to {request.Bound} unusual decisions"
            : $"the first combinations of up to {request.Bound} unusual decisions; --runs ended it";
        context.Output.WriteLine($"{SafeText.Clean(name)}: {extent}");
        context.Output.WriteLine($"{Units.Exact(result.Runs)} runs, {Units.Exact(result.States)} states, depth "
            + $"{result.Depth} steps, up to {result.Decisions} free decisions in a run");
        context.Output.WriteLine(result.Findings.Count == 0 ? "Nothing found"
            : $"{Units.Exact(result.Findings.Count)} runs with findings");
        foreach (ExhaustiveFinding one in result.Findings.Take(ListedMax))
        {
            context.Output.WriteLine();
            context.Output.WriteLine(SafeText.Clean(one.Text, 300));
            context.Output.WriteLine("  linuxmem run " + SafeText.Clean(ShellText.Join(
                [name, "--audit", "round", "--set", "choices=" + one.Choices])));
        }

        return result.Findings.Count == 0 ? ExitCode.Done
            : result.Findings.Any(one => one.Verdict is Verdict.Broken or Verdict.Endless) ? ExitCode.InvariantViolated
            : result.Findings.Any(one => one.Verdict == Verdict.Failed) ? ExitCode.InternalError
            : ExitCode.ExpectationFailed;
    }
}
