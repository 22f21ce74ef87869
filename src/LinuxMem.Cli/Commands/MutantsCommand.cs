using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Testing.Mutants;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem mutants: plants known bugs and prints which check found each.</summary>
internal static class MutantsCommand
{
    private const ulong UsualSeeds = 500;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "mutants",
            "Plant known kernel bugs in the simulated kernel, one after the other, run random scenarios until each is "
                + "found, and print who found it: a test of the checks themselves.",
            "--allow-mutants [options]",
            [
                ("linuxmem mutants --allow-mutants", "All of them, up to 500 seeds each."),
                ("linuxmem mutants --allow-mutants --only M10,M19 --seeds 10000", "Some, with patience."),
            ]);
        var allow = new Option<bool>("--allow-mutants")
        {
            Description = "Say that the kernel is to be broken on purpose; nothing happens without it.",
        };
        var only = new Option<string?>("--only")
        {
            Description = "Mutants to plant, of "
                + string.Join(", ", MutantCatalog.All.Select(one => one.Mutant)) + ".",
            HelpName = "M10,...",
        };
        Option<ulong?> seeds = OptionValues.Number(
            "--seeds", $"The most seeds for each; if not given, {UsualSeeds}.", 1, 1_000_000);
        Option<ulong?> workers = OptionValues.Number(
            "--workers", "Runs at the same time; without it, one a core. Changes no result.", 1, 256);
        foreach (Option option in (Option[])[allow, only, seeds, workers])
            command.Add(option);
        command.SetAction(parsed => context.Guard(() =>
        {
            if (!parsed.GetValue(allow))
            {
                throw new ConfigurationException(
                    "mutants: this breaks the simulated kernel on purpose; expected --allow-mutants");
            }

            return Run(context, Chosen(parsed.GetValue(only)), parsed.GetValue(seeds) ?? UsualSeeds,
                (int)(parsed.GetValue(workers) ?? (ulong)Environment.ProcessorCount));
        }));
        return command;
    }

    private static IReadOnlyList<MutantEntry> Chosen(string? names)
    {
        if (names is null)
            return MutantCatalog.All;
        var chosen = new List<MutantEntry>();
        foreach (string name in names.Split(','))
        {
            chosen.Add(MutantCatalog.All.FirstOrDefault(one => one.Mutant.ToString() == name)
                ?? throw new ConfigurationException($"--only: there is no mutant '{name}'; expected one of "
                    + string.Join(", ", MutantCatalog.All.Select(one => one.Mutant))));
        }

        return chosen;
    }

    private static int Run(CommandContext context, IReadOnlyList<MutantEntry> entries, ulong seeds, int workers)
    {
        context.Output.WriteLine("MUTANT  SEEDS  FOUND BY          MUST BE ONE OF            BUG");
        int named = 0;
        foreach (MutantEntry entry in entries)
        {
            MutantFate fate = MutantHunt.Hunt(entry, seeds, workers, context.Services.Cancel);
            named += fate.IsNamed ? 1 : 0;
            string by = fate.Seed is null ? "nobody" : fate.IsNamed ? fate.By : $"{fate.By} (not named)";
            string seed = fate.Seed is { } number ? $"{number}" : "-";
            context.Output.WriteLine($"{entry.Mutant,-6}  {seed,5}  {SafeText.Clean(by, 16),-16}  "
                + $"{string.Join(' ', entry.Invariants),-24}  {entry.Bug}");
            context.Output.Flush();
        }

        context.Output.WriteLine($"{named} of {entries.Count} found by an invariant that must, within {seeds} seeds");
        return named == entries.Count ? ExitCode.Done : ExitCode.ExpectationFailed;
    }
}
