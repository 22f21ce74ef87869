using System.Globalization;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>What became of the lines of a log: every line is counted in exactly one kind.</summary>
internal sealed class StraceCounts
{
    private const int MessagesMax = 100;

    internal long Lines { get; set; }

    /// <summary>Lines where a call begins.</summary>
    internal long Calls { get; set; }

    /// <summary>Lines that end a call of an earlier line.</summary>
    internal long Continued { get; set; }

    internal long Signals { get; set; }

    /// <summary>Ends of tasks.</summary>
    internal long Exits { get; set; }

    /// <summary>Lines that ask for nothing: messages of strace, stack traces, blank lines.</summary>
    internal long Notes { get; set; }

    /// <summary>Lines that are none of a log.</summary>
    internal long Rejected { get; set; }

    /// <summary>The first rejected lines, with their numbers.</summary>
    internal List<string> RejectedMessages { get; } = [];

    /// <summary>What the log lacks, for its user to know.</summary>
    internal List<string> Warnings { get; } = [];

    internal bool AddUp => Calls + Continued + Signals + Exits + Notes + Rejected == Lines;

    /// <summary>Counts a line that is none.</summary>
    internal string Reject(string name, string what)
    {
        Rejected++;
        string message = string.Create(CultureInfo.InvariantCulture, $"{name}:{Lines}: {what}");
        if (RejectedMessages.Count < MessagesMax)
            RejectedMessages.Add(message);
        return message;
    }

    /// <summary>Says once what the user should know.</summary>
    internal void Warn(string message)
    {
        if (Warnings.Count < MessagesMax && !Warnings.Contains(message))
            Warnings.Add(message);
    }
}
