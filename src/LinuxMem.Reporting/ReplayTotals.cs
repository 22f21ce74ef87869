namespace LinuxMem.Reporting;

/// <summary>
/// What became of the lines of the logs that a replay read. Every line is counted in exactly one of the kinds.
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

    /// <summary>Logs of strace: lines that end a call of an earlier line.</summary>
    public long Continued { get; init; }

    /// <summary>Logs of strace: signals.</summary>
    public long Signals { get; init; }

    /// <summary>Logs of strace: ends of tasks.</summary>
    public long Exits { get; init; }

    /// <summary>What the logs lack, and what the replay cannot do about it.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Logs of strace: how the simulated kernel's answers compare; null for other logs.</summary>
    public CheckTotals? Check { get; init; }

    /// <summary>Lines that were understood: all but the rejected ones.</summary>
    public long Accepted => Accesses + Calls + Continued + Signals + Exits + Notes;

    /// <summary>Whether every line is accounted for.</summary>
    public bool AddUp => Accepted + Rejected == Lines;
}
