using LinuxMem.Testing.Exploring;

namespace LinuxMem.Testing.Exhaustive;

/// <summary>How far to search.</summary>
public sealed record ExhaustiveRequest
{
    /// <summary>The most unusual decisions in one run.</summary>
    public required int Bound { get; init; }

    /// <summary>The most runs.</summary>
    public required long RunsMax { get; init; }

    /// <summary>Of a run, how many of the first decisions may be unusual.</summary>
    public int DecisionsMax { get; init; } = 1000;

    /// <summary>Runs at the same time; changes no result.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Hears of the states so far, one call at a time, from any thread.</summary>
    public Action<long>? Progress { get; init; }

    /// <summary>Ends it early.</summary>
    public CancellationToken Cancel { get; init; }
}

/// <summary>What a search came to.</summary>
/// <param name="Runs">Runs.</param>
/// <param name="States">Different beginnings of the kernel's history that they came by.</param>
/// <param name="Depth">The most steps of a run.</param>
/// <param name="Decisions">The most decisions of a run.</param>
/// <param name="IsComplete">Whether every combination within the bound was run.</param>
/// <param name="Findings">What was found, the fewest decisions first.</param>
public sealed record ExhaustiveResult(
    long Runs, long States, int Depth, int Decisions, bool IsComplete, IReadOnlyList<ExhaustiveFinding> Findings);

/// <summary>A run that came to something else than it should.</summary>
/// <param name="Verdict">The kind.</param>
/// <param name="Choices">The decisions that lead there, a text of <see cref="Simulation.Choices.ChoicePlan"/>.</param>
/// <param name="Text">What was found.</param>
public sealed record ExhaustiveFinding(Verdict Verdict, string Choices, string Text);
