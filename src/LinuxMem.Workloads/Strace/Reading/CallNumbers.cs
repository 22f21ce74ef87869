using System.Globalization;
using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>System calls by the names that strace gives them.</summary>
internal static class CallNumbers
{
    private static readonly Dictionary<string, (string Name, int Nr)>.AlternateLookup<ReadOnlySpan<char>> Table =
        Read().GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The name as a string of its own, and the number; -1 for a name that is none, or of another word size
    /// (name#32).
    /// </summary>
    internal static (string Name, int Nr) Find(ReadOnlySpan<byte> name)
    {
        int mark = name.IndexOf((byte)'#');
        bool native = mark < 0 || name[mark..].SequenceEqual("#64"u8);
        ReadOnlySpan<byte> bare = mark < 0 ? name : name[..mark];
        Span<char> letters = stackalloc char[48];
        if (native && bare.Length <= letters.Length)
        {
            int count = Encoding.ASCII.GetChars(bare, letters);
            if (Table.TryGetValue(letters[..count], out var known))
                return known;
        }

        string text = Encoding.ASCII.GetString(name);
        bool numbered = text.StartsWith("syscall_0x", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(10), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int number)
            && Named(number) is { } found
            && Table.TryGetValue(found, out _);
        if (!numbered)
            return (text, -1);
        return (text, int.Parse(text.AsSpan(10), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>The name of a call by its number; null for none.</summary>
    internal static string? Named(int nr)
    {
        string? member = Enum.GetName((SyscallNr)nr);
        return member is null ? null : Spelling(member);
    }

    private static Dictionary<string, (string Name, int Nr)> Read()
    {
        var table = new Dictionary<string, (string Name, int Nr)>(512, StringComparer.Ordinal);
        foreach (SyscallNr nr in Enum.GetValues<SyscallNr>())
        {
            string name = Spelling(nr.ToString());
            table[name] = (name, (int)nr);
        }

        table["_sysctl"] = ("_sysctl", (int)SyscallNr.Sysctl);
        return table;
    }

    // CopyFileRange to copy_file_range; digits stay with the word before them, but rt_, 64 and the like have none.
    private static string Spelling(string member)
    {
        var name = new StringBuilder(member.Length + 4);
        foreach (char letter in member)
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
