using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;
using LinuxMem.Testing.Exploring;

namespace LinuxMem.Cli.Commands;

/// <summary>An exploration for people and for programs: what was found, what was reached.</summary>
/// <param name="exploration">What came of it.</param>
/// <param name="title">What was explored.</param>
/// <param name="replay">The command that shows a run again.</param>
internal sealed partial class ExplorationReport(Exploration exploration, string title, Func<RunRecord, string> replay)
{
    private const int MostGroups = 20;

    /// <summary>Writes a page of text.</summary>
    public void WriteText(TextWriter output)
    {
        IReadOnlyList<RunRecord> runs = exploration.Runs;
        long found = exploration.Findings.Count();
        output.WriteLine(
            $"{SafeText.Clean(title)}: {Units.Exact(runs.Count)} runs, {Units.Exact(found)} with findings");
        output.WriteLine($"Free decisions: {Units.Exact(runs.Sum(run => run.Asked))}, of them "
            + $"{Units.Exact(runs.Sum(run => run.Unusual))} not the usual ones");
        long[] reached = Reached();
        output.WriteLine($"Reached: {reached.Count(n => n > 0)} of {reached.Length} kinds of faults and counters");
        IEnumerable<string> missed = Reachable.Names.Where((_, i) => reached[i] == 0);
        output.WriteLine("Not reached: " + string.Join(", ", missed.DefaultIfEmpty("nothing")));
        WriteFaults(output);
        foreach ((string what, List<RunRecord> group) in Groups().Take(MostGroups))
        {
            output.WriteLine();
            output.WriteLine($"{group.Count} runs, the first with seed {group[0].Number}: {SafeText.Clean(what, 300)}");
            output.WriteLine("  " + SafeText.Clean(replay(group[0])));
        }

        output.WriteLine();
        output.WriteLine("Digest: " + exploration.Digest);
    }

    /// <summary>Writes one JSON object.</summary>
    public void WriteJson(TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("explored", title);
            json.WriteNumber("runs", exploration.Runs.Count);
            json.WriteString("digest", exploration.Digest);
            json.WriteNumber("asked", exploration.Runs.Sum(run => run.Asked));
            json.WriteNumber("unusual", exploration.Runs.Sum(run => run.Unusual));
            json.WriteStartObject("reached");
            long[] reached = Reached();
            for (int i = 0; i < reached.Length; i++)
                json.WriteNumber(Reachable.Names[i], reached[i]);
            json.WriteEndObject();
            json.WriteStartArray("findings");
            foreach (RunRecord run in exploration.Findings)
            {
                json.WriteStartObject();
                json.WriteNumber("seed", run.Number);
                json.WriteString("verdict", run.Verdict.ToString());
                json.WriteString("finding", run.Finding);
                json.WriteString("replay", replay(run));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        output.Write('\n');
    }

    private void WriteFaults(TextWriter output)
    {
        var coverage = new FaultCoverage(exploration.Runs);
        if (coverage.IsEmpty)
            return;
        output.WriteLine();
        output.WriteLine("Fault points: in how many runs passed, and in how many of these failed, by phase");
        output.WriteLine($"{"SITE",-24}{"OPERATION",-20}{"CALM",16}{"SHORT",16}{"RECOVERY",16}");
        foreach ((FaultSite site, FaultOperation operation, (long Passed, long Failed)[] phases) in coverage.Rows)
        {
            output.Write($"{site,-24}{operation,-20}");
            foreach ((long passed, long failed) in phases)
                output.Write($"{(passed == 0 ? "-" : $"{passed}/{failed}"),16}");
            output.WriteLine();
        }

        output.WriteLine("Never passed: " + string.Join(", ", coverage.Unreached.Select(site => $"{site}")
            .DefaultIfEmpty("none")));
    }

    // Findings that differ in numbers only are one.
    private IEnumerable<(string What, List<RunRecord> Runs)> Groups() => exploration.Findings
        .GroupBy(run => $"{run.Verdict} {Numbers().Replace(run.Finding, "#")}", StringComparer.Ordinal)
        .Select(group => (group.First().Finding, group.ToList()))
        .OrderBy(group => group.Item2[0].Number);

    private long[] Reached()
    {
        long[] counts = new long[Reachable.Names.Count];
        foreach (RunRecord run in exploration.Runs)
            Reachable.Add(run.Reached, counts);
        return counts;
    }

    [GeneratedRegex("(0x[0-9a-f]+|[0-9]+)")]
    private static partial Regex Numbers();
}
