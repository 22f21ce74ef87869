using System.Globalization;
using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Reporting.Events;

/// <summary>The names of system calls, as the manual has them.</summary>
public static class CallNames
{
    private static readonly Dictionary<long, string> Names = Enum.GetValues<SyscallNr>().DistinctBy(nr => (long)nr)
        .ToDictionary(nr => (long)nr, nr => Manual(nr.ToString()));

    /// <summary>The name of a call; its number with a prefix if it has none.</summary>
    public static string Of(long nr)
    {
        if (!Names.TryGetValue(nr, out string? name))
            return "syscall_" + nr.ToString(CultureInfo.InvariantCulture);
        return name;
    }

    // RtSigaction is rt_sigaction.
    private static string Manual(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
