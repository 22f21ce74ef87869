using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;

namespace LinuxMem.Testing.Mutants;

/// <summary>Plants every mutant in turn and sees how many random scenarios it takes until the audit finds it.</summary>
public static class MutantHunt
{
    private const int SeedsAtOnce = 16;

    // A machine that stands still has shown by then what it will ever show.
    private const long LongestNs = 2_000_000_000;

    // Some bugs show where something fails.
    private const ulong SwarmEvery = 3;

    /// <summary>Hunts one mutant.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="seedsMax">The most seeds to try.</param>
    /// <param name="workers">Runs at the same time; changes no result.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static MutantFate Hunt(MutantEntry entry, ulong seedsMax, int workers, CancellationToken cancel)
    {
        RunRecord? first = null;
        for (ulong seed = 1; seed <= seedsMax; seed += SeedsAtOnce)
        {
            Exploration some = Explorer.Run(new ExploreRequest
            {
                ScenarioOf = one => ScenarioOf(one, entry.Mutant),
                First = seed,
                Last = Math.Min(seedsMax, seed + SeedsAtOnce - 1),
                Workers = workers,
                Cancel = cancel,
            });
            foreach (RunRecord run in some.Findings)
            {
                first ??= run;
                if (IsNamed(entry, run))
                    return new MutantFate(entry, run.Number, run.Finding, IsNamed: true);
            }
        }

        return first is null
            ? new MutantFate(entry, null, "", IsNamed: false)
            : new MutantFate(entry, first.Number, first.Finding, IsNamed: false);
    }

    /// <summary>The scenario of a seed, with a mutant.</summary>
    public static Scenario ScenarioOf(ulong seed, Mutant mutant)
    {
        Scenario scenario = SwarmFaults.CutPower(SimulatedMachine.Random(seed).WithChoices("random").Scenario());
        if (seed % SwarmEvery == 0)
            scenario = SwarmFaults.AddTo(scenario, seed, null);
        return scenario with
        {
            Machine = scenario.Machine with { Mutant = mutant },
            Engine = scenario.Engine with { MaxVirtualNs = Math.Min(scenario.Engine.MaxVirtualNs, LongestNs) },
        };
    }

    private static bool IsNamed(MutantEntry entry, RunRecord run)
    {
        int also = run.Finding.LastIndexOf("[also ", StringComparison.Ordinal);
        string others = also < 0 ? "" : run.Finding[also..];
        return entry.Invariants.Any(id => run.Finding.StartsWith(id, StringComparison.Ordinal)
            || others.Contains(id, StringComparison.Ordinal));
    }
}

/// <summary>What became of a mutant.</summary>
/// <param name="Entry">Which.</param>
/// <param name="Seed">The first seed with which it was found; null if it survived.</param>
/// <param name="Finding">What was found.</param>
/// <param name="IsNamed">Whether one of the invariants found it that must.</param>
public sealed record MutantFate(MutantEntry Entry, ulong? Seed, string Finding, bool IsNamed)
{
    /// <summary>The invariant that found it, or the first words.</summary>
    public string By => Finding.Length == 0 ? "" : Finding.Split(' ', ':')[0];
}
