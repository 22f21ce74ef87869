using System.Runtime.CompilerServices;
using System.Text;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Workloads.Tests.Scenarios;

/// <summary>malformed.txt is the table: texts, and every message with its place.</summary>
public sealed class MalformedScenarioSpec
{
    private const string Processes = "\"processes\": [ { \"name\": \"p\", \"steps\": [ \"yield\" ] } ]";

    [Fact]
    public void Every_malformed_scenario_gives_its_messages_at_their_places()
    {
        string golden = File.ReadAllText(GoldenPath());
        string actual = Rewrite(golden);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(GoldenPath(), actual);
        Assert.Equal(golden, actual);
    }

    [Fact]
    public void There_are_at_least_forty_cases_and_none_is_accepted()
    {
        string[] lines = File.ReadAllLines(GoldenPath());
        Assert.True(lines.Count(l => l.StartsWith("===")) >= 40);
        for (int i = 0; i + 1 < lines.Length; i++)
            Assert.False(lines[i] == "---" && lines[i + 1].StartsWith("==="), $"line {i + 1}: no message");
    }

    /// <summary>The table again, with the messages that are given now.</summary>
    private static string Rewrite(string golden)
    {
        var result = new StringBuilder();
        var text = new StringBuilder();
        string[] sets = [];
        bool isText = false;
        bool isHeader = true;
        foreach (string line in golden.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith("===", StringComparison.Ordinal))
            {
                isHeader = false;
                isText = true;
                text.Clear();
                sets = line.Split(" --set ")[1..];
                result.Append(line).Append('\n');
            }
            else if (line == "---")
            {
                isText = false;
                string document = text.ToString().TrimEnd('\n').Replace("$P", Processes, StringComparison.Ordinal);
                result.Append("---\n");
                foreach (string message in Messages(Encoding.UTF8.GetBytes(document), sets))
                    result.Append(message).Append('\n');
            }
            else if (isHeader || isText)
            {
                result.Append(line).Append('\n');
                text.Append(line).Append('\n');
            }
        }

        return result.ToString();
    }

    internal static IReadOnlyList<string> Messages(byte[] utf8, params string[] sets)
    {
        try
        {
            ScenarioReader.Parse(utf8, "t.json", sets);
            return [];
        }
        catch (ConfigurationException e)
        {
            return e.Messages;
        }
    }

    private static string GoldenPath([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "malformed.txt");
}
