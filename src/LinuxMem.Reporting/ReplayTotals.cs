namespace LinuxMem.Reporting;

/// <summary>
/// What became of the lines of the logs that a replay read. Every line is counted in exactly one of the four kinds.
/// </summary>
public sealed record ReplayTotals
{
    /// <summary>Lines of all logs together.</summary>
    public required long Lines { get; init; }

    /// <summary>Lines that are memory accesses.</summary>
    public required long Accesses { get; init; }

    /// <summary>Lines that are system calls.</summary>
    public required long Calls { get; init; }

    /// <summary>Lines that were understood and ask for nothing: headers, messages, blank lines.</summary>
    public required long Notes { get; init; }

    /// <summary>Lines that are no line of such a log.</summary>
    public required long Rejected { get; init; }

    /// <summary>What is wrong with the first of the rejected lines, each with its file and number.</summary>
    public required IReadOnlyList<string> RejectedMessages { get; init; }

    /// <summary>Lines that were understood: all but the rejected ones.</summary>
    public long Accepted => Accesses + Calls + Notes;

    /// <summary>Whether every line is accounted for.</summary>
    public bool AddUp => Accepted + Rejected == Lines;
}
