using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>What became of the lines of a log. Every line is counted in exactly one kind.</summary>
public sealed record StraceTotals
{
    /// <summary>Lines of the log.</summary>
    public required long Lines { get; init; }

    /// <summary>Lines where a call begins.</summary>
    public required long Calls { get; init; }

    /// <summary>Lines that end a call of an earlier line.</summary>
    public required long Continued { get; init; }

    /// <summary>Signals.</summary>
    public required long Signals { get; init; }

    /// <summary>Ends of tasks.</summary>
    public required long Exits { get; init; }

    /// <summary>Lines that ask for nothing.</summary>
    public required long Notes { get; init; }

    /// <summary>Lines that are none of a log.</summary>
    public required long Rejected { get; init; }

    /// <summary>What is wrong with the first of the rejected lines, each with its file and number.</summary>
    public required IReadOnlyList<string> RejectedMessages { get; init; }

    /// <summary>What the log lacks, and what the replay cannot do about it.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    internal static StraceTotals Of(StraceCounts counts) => new()
    {
        Lines = counts.Lines,
        Calls = counts.Calls,
        Continued = counts.Continued,
        Signals = counts.Signals,
        Exits = counts.Exits,
        Notes = counts.Notes,
        Rejected = counts.Rejected,
        RejectedMessages = [.. counts.RejectedMessages],
        Warnings = [.. counts.Warnings],
    };
}
