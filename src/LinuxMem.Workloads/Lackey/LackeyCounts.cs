using System.Globalization;

namespace LinuxMem.Workloads.Lackey;

/// <summary>The lines of one log. Every line read is in exactly one of accesses, calls, notes and rejected.</summary>
public sealed class LackeyCounts
{
    /// <summary>The most rejected lines of which the message is kept, and the most warnings.</summary>
    public const int MessagesMax = 20;

    private readonly List<string> messages = [];
    private readonly List<string> warnings = [];

    /// <summary>Lines read so far.</summary>
    public long Lines => Accesses + Calls + Notes + Rejected;

    /// <summary>Access lines.</summary>
    public long Accesses { get; internal set; }

    /// <summary>Lines that begin a system call; a second part glued to one does not count again.</summary>
    public long Calls { get; internal set; }

    /// <summary>
    /// Everything else that belongs in a log: valgrind's own words, blank lines, and the continuation of a call (its
    /// result on a line of its own, the rest of a path with a line feed in it).
    /// </summary>
    public long Notes { get; internal set; }

    /// <summary>Lines that no log has.</summary>
    public long Rejected { get; private set; }

    /// <summary>The first rejected lines, `path:line:column: reason`.</summary>
    public IReadOnlyList<string> RejectedMessages => messages;

    /// <summary>Calls that were made to the simulated kernel.</summary>
    public long CallsReplayed { get; internal set; }

    /// <summary>Those that the simulated kernel refused although the logged one did not.</summary>
    public long CallsRefused { get; internal set; }

    /// <summary>What else should be known about the replay of this log; the first of it.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    internal void Warn(string message)
    {
        if (warnings.Count < MessagesMax)
            warnings.Add(message);
    }

    internal static string Message(string path, long line, int column, string reason) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}:{line}:{column}: {reason}");

    internal void Reject(string path, int column, string reason)
    {
        if (messages.Count < MessagesMax)
            messages.Add(Message(path, Lines + 1, column, reason));
        Rejected++;
    }
}
