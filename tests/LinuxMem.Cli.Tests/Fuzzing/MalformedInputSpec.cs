using System.Runtime.CompilerServices;
using System.Text;

namespace LinuxMem.Cli.Tests.Fuzzing;

/// <summary>malformed.txt is the table: logs and command lines, and every message that they give.</summary>
public sealed class MalformedInputSpec
{
    [Fact]
    public void Every_malformed_input_gives_its_messages_at_their_places()
    {
        string golden = File.ReadAllText(GoldenPath());
        string actual = Rewrite(golden);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(GoldenPath(), actual);
        Assert.Equal(golden, actual);
    }

    [Fact]
    public void None_is_accepted()
    {
        string[] lines = File.ReadAllLines(GoldenPath());
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            bool isAccepted = lines[i] == "---" && lines[i + 1].StartsWith("===", StringComparison.Ordinal);
            Assert.False(isAccepted, $"line {i + 1}");
        }
    }

    private static string Rewrite(string golden)
    {
        var result = new StringBuilder();
        foreach (string part in golden.Split("=== "))
        {
            int end = part.IndexOf("\n---\n", StringComparison.Ordinal);
            if (end < 0)
            {
                result.Append(part);
                continue;
            }

            result.Append("=== ").Append(part[..end]).Append("\n---\n");
            string[] lines = part[..end].Split('\n', 2);
            string kind = lines[0][..lines[0].IndexOf(':', StringComparison.Ordinal)];
            string text = lines[1].Replace("\\0", "\0", StringComparison.Ordinal);
            if (kind == "command-line")
                text = text.Replace(' ', '\0');
            foreach (string message in Target.Strictly(kind, Encoding.UTF8.GetBytes(text)))
                result.Append(message).Append('\n');
        }

        return result.ToString();
    }

    private static string GoldenPath([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "malformed.txt");
}
