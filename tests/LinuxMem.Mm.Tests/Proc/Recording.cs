using System.Text;
using System.Text.RegularExpressions;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>Texts that a real kernel gave (Linux 6.18), and those of the simulated one in the same words.</summary>
internal static partial class Recording
{
    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Proc", "Recorded");

    /// <summary>A recorded file.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Directory, name));

    /// <summary>The part of a recorded file between a heading "### name" and the next, below another heading.</summary>
    public static string Section(string file, string name, string? below = null)
    {
        string text = Read(file);
        int from = below is null ? 0 : text.IndexOf("### " + below + "\n", StringComparison.Ordinal);
        string heading = "### " + name + "\n";
        int start = text.IndexOf(heading, from, StringComparison.Ordinal) + heading.Length;
        int end = text.IndexOf("### ", start, StringComparison.Ordinal);
        return text[start..(end < 0 ? text.Length : end)];
    }

    /// <summary>The whole text at a path.</summary>
    public static string TextOf(ProcFs proc, string path, TaskStruct? reader = null)
    {
        ProcFile file = proc.Find(path, reader)!.Open!();
        var bytes = new List<byte>();
        var buffer = new byte[65536];
        for (int read = -1; read != 0;)
        {
            read = file.Read(bytes.Count, buffer, out Abi.Errno error);
            Assert.Equal(Abi.Errno.None, error);
            bytes.AddRange(buffer[..read]);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>The records of mappings that begin in a range of addresses.</summary>
    public static string Between(string text, ulong start, ulong end)
    {
        var kept = new StringBuilder();
        bool on = false;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Match address = AddressAtStart().Match(line);
            if (address.Success)
            {
                ulong at = Convert.ToUInt64(address.Groups[1].Value, 16);
                on = at >= start && at < end;
            }

            if (on)
                kept.Append(line).Append('\n');
        }

        return kept.ToString();
    }

    /// <summary>The text without inode numbers, which are each machine's own.</summary>
    public static string WithoutInodes(string text) => Inode().Replace(text, "$1 INODE");

    /// <summary>The text with every number replaced by a sign: what is left is its form.</summary>
    public static string Form(string text) => Number().Replace(text, "#");

    [GeneratedRegex("^([0-9a-f]+)[ -]")]
    private static partial Regex AddressAtStart();

    [GeneratedRegex("( 00:01| fe:00) [0-9]+ *")]
    private static partial Regex Inode();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
