using System.CommandLine;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem explore: runs many seeds, and many interleavings, and tells what was found.</summary>
internal static class ExploreCommand
{
    private const string UsualStrategy = "random";

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "explore",
            "Run many seeds of a scenario, with the machine's free decisions made otherwise each time, check the "
                + "invariants after every round, and print what was found with the command that shows it again.",
            "[SCENARIO | --generate] --seeds A..B [options]",
            [
                ("linuxmem explore tiny --seeds 1..1000", "A built-in scenario, a thousand times."),
                ("linuxmem explore --generate --seeds 1..100000 --out found.explore",
                    "Random scenarios of small machines; goes on where it was if it is interrupted."),
                ("linuxmem explore --generate --swarm --seeds 1..10000", "With faults, other ones in each run."),
                ("linuxmem explore my.json --seeds 1..500 --strategy pct:3",
                    "Tasks with priorities that change at two points."),
            ]);
        Argument<string?> scenario = Scenario(command);
        var generate = new Option<bool>("--generate")
        {
            Description = "Explore random scenarios: run N is that of 'linuxmem run random:N'.",
        };
        Option<(ulong First, ulong Last)> seeds = SeedRange.Option();
        Option<ulong?> workers = OptionValues.Number(
            "--workers", "Runs at the same time; without it, one a core. Changes no result.", 1, 256);
        Option<ulong?> threads = OptionValues.Number(
            "--threads", "Threads of each machine; without it, one. Changes no result.", 1, 64);
        Option<string> strategy = Strategy();
        (Option<bool> swarm, Option<string?> healAt) = Faults();
        var output = new Option<string?>("--out")
        {
            Description = "Keep the results in this file; an exploration that it has a part of goes on.",
            HelpName = "FILE",
        };
        Option<string?> audit = OptionValues.Word(
            "--audit", "off|end|round", "When the invariants are checked; without it, after every round.",
            "off", "end", "round");
        Option<string[]> sets = OptionValues.Settings();
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON." };
        var quiet = new Option<bool>("--quiet") { Description = "Show no progress." };
        command.Add(scenario);
        Option[] options =
            [generate, seeds, workers, threads, strategy, swarm, healAt, output, audit, sets, json, quiet];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(parsed => context.Guard(() => new ExploreSession(context, new ExploreOptions
        {
            Scenario = parsed.GetValue(scenario),
            Generate = parsed.GetValue(generate),
            First = parsed.GetRequiredValue(seeds).First,
            Last = parsed.GetRequiredValue(seeds).Last,
            Workers = (int)(parsed.GetValue(workers) ?? (ulong)Environment.ProcessorCount),
            Threads = (int)(parsed.GetValue(threads) ?? 1),
            Strategy = parsed.GetRequiredValue(strategy),
            Swarm = parsed.GetValue(swarm),
            HealAt = parsed.GetValue(healAt),
            Out = parsed.GetValue(output),
            Audit = parsed.GetValue(audit) switch
            {
                "off" => AuditLevel.Off,
                "end" => AuditLevel.End,
                _ => AuditLevel.Round,
            },
            Sets = parsed.GetValue(sets) ?? [],
            Json = parsed.GetValue(json),
            Quiet = parsed.GetValue(quiet),
        }).Run()));
        return command;
    }

    private static Argument<string?> Scenario(Command command)
    {
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
        return scenario;
    }

    private static (Option<bool> Swarm, Option<string?> HealAt) Faults()
    {
        var swarm = new Option<bool>("--swarm")
        {
            Description = "Inject faults: in each run every fault point is on or off by chance, as 'linuxmem faults' "
                + "lists them.",
        };
        var healAt = new Option<string?>("--heal-at")
        {
            Description = "From this virtual time on nothing fails, for instance 5ms: everything must come to its end.",
            HelpName = "TIME",
        };
        healAt.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !FaultNumbers.TryTime(result.Tokens[0].Value, out _))
            {
                result.AddError($"--heal-at: '{SafeText.Clean(result.Tokens[0].Value, 80)}' is not a time from 0ns to "
                    + "1000s such as 20us");
            }
        });
        return (swarm, healAt);
    }

    private static Option<string> Strategy()
    {
        var strategy = new Option<string>("--strategy")
        {
            Description = $"How the machine's free decisions are made: {ChoicePlan.Expected}; without it, "
                + $"{UsualStrategy}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => UsualStrategy,
        };
        strategy.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1)
                return;
            string text = result.Tokens[0].Value;
            ChoicePlan.Parse(text, out bool isSound);
            if (!isSound)
            {
                result.AddError($"--strategy: '{SafeText.Clean(text, 80)}' is no strategy; expected "
                    + ChoicePlan.Expected);
            }
        });
        return strategy;
    }
}

/// <summary>What the options of explore ask for.</summary>
internal sealed record ExploreOptions
{
    /// <summary>A file or a name; null for the default.</summary>
    public string? Scenario { get; init; }

    /// <summary>Whether scenarios are random instead.</summary>
    public bool Generate { get; init; }

    /// <summary>The first seed.</summary>
    public ulong First { get; init; }

    /// <summary>The last seed.</summary>
    public ulong Last { get; init; }

    /// <summary>Runs at the same time.</summary>
    public int Workers { get; init; }

    /// <summary>Threads of each machine.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How decisions are made, a text of <see cref="ChoicePlan"/>.</summary>
    public required string Strategy { get; init; }

    /// <summary>Whether faults are injected, drawn for each run.</summary>
    public bool Swarm { get; init; }

    /// <summary>When faults end, as the user wrote it, or null.</summary>
    public string? HealAt { get; init; }

    /// <summary>The file of results, or null.</summary>
    public string? Out { get; init; }

    /// <summary>How often the invariants are checked.</summary>
    public AuditLevel Audit { get; init; }

    /// <summary>Settings to change, each "key=value".</summary>
    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>Whether the summary is JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether no progress is shown.</summary>
    public bool Quiet { get; init; }
}
