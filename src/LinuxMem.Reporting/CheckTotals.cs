namespace LinuxMem.Reporting;

/// <summary>How the answers of the simulated kernel compare with those of a log of a real one.</summary>
/// <remarks>
/// Every event of the log (a call, a signal, the end of a task) is compared, ambiguous, skipped, unsupported, or made
/// without being compared.
/// </remarks>
public sealed record CheckTotals
{
    /// <summary>off, calls or all.</summary>
    public required string Level { get; init; }

    /// <summary>Answers that were compared.</summary>
    public required long Checked { get; init; }

    /// <summary>Of these, the equal ones.</summary>
    public required long Matched { get; init; }

    /// <summary>Of these, the others.</summary>
    public required long Mismatched { get; init; }

    /// <summary>Differing answers that another order of calls of several threads may explain.</summary>
    public required long Ambiguous { get; init; }

    /// <summary>Events that ask nothing of memory, by reason.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Skipped { get; init; }

    /// <summary>Calls that were made and cannot be compared, by reason.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> NotJudged { get; init; }

    /// <summary>Calls on memory that are not modelled, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Unsupported { get; init; }

    /// <summary>The mismatches in the order of the log.</summary>
    public required IReadOnlyList<CheckMismatch> Mismatches { get; init; }
}

/// <summary>An answer that is not the logged one.</summary>
/// <param name="Line">The line of the log.</param>
/// <param name="Call">The call as the log shows it.</param>
/// <param name="Expected">What Linux answered.</param>
/// <param name="Actual">What the simulator answers.</param>
/// <param name="Before">The simulated mappings around the address before the call.</param>
/// <param name="After">The same after it.</param>
public sealed record CheckMismatch(
    long Line, string Call, string Expected, string Actual, IReadOnlyList<string> Before, IReadOnlyList<string> After);
