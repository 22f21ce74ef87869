using System.Text;

namespace LinuxMem.Cli.Commands;

/// <summary>Command lines to copy and paste.</summary>
internal static class ShellText
{
    private const string Plain = "-_./=:,@%+";

    /// <summary>The words as a POSIX shell would read them back, in single quotes where needed.</summary>
    public static string Join(IEnumerable<string> words)
    {
        var line = new StringBuilder();
        foreach (string word in words)
        {
            if (line.Length > 0)
                line.Append(' ');
            if (word.Length > 0 && word.All(IsPlain))
                line.Append(word);
            else
                line.Append('\'').Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }

        return line.ToString();
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal);
}
