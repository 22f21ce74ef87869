using System.Globalization;
using System.Text.Json;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting;

/// <summary>Runs of one scenario with several policies, on the same seeds.</summary>
/// <param name="scenario">The scenario's name.</param>
/// <param name="seeds">The seeds, in the order of the runs of each policy.</param>
public sealed class PolicyComparison(string scenario, IReadOnlyList<ulong> seeds)
{
    // Fairness is Jain's index over the processes that accessed memory: 1 if all have the same, 1/n if one has all.
    private static readonly (string Key, string Heading, Func<RunResult, double> Of, Func<double, string> Text)[]
        Measures =
        [
            ("virtualNs", "virtual time", r => r.VirtualNs, ns => Units.Duration((long)ns)),
            ("majorFaults", "major faults", r => Counter(r, "pgmajfault"), Whole),
            ("pswpin", "pages from swap", r => Counter(r, "pswpin"), Whole),
            ("pswpout", "pages to swap", r => Counter(r, "pswpout"), Whole),
            ("refaults", "refaults", r => Counter(r, "workingset_refault_anon")
                + Counter(r, "workingset_refault_file"), Whole),
            ("scanned", "pages scanned", r => Counter(r, "pgscan_anon") + Counter(r, "pgscan_file"), Whole),
            ("oomKills", "killed for memory", r => Counter(r, "oom_kill"), Whole),
            ("fairnessOfRss", "fairness: peak RSS", r => Jain(r, p => p.MaxRssKiB), Index),
            ("fairnessOfMajorFaults", "fairness: major faults", r => Jain(r, p => p.MajFlt), Index),
        ];

    private readonly List<(string Policy, IReadOnlyList<RunResult> Runs)> policies = [];

    /// <summary>Adds a policy. Precondition: a run for each seed, in their order.</summary>
    public void Add(string policy, IReadOnlyList<RunResult> runs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(runs.Count, seeds.Count);
        policies.Add((policy, runs));
    }

    /// <summary>
    /// Writes a table: a row a measure, and for each policy the median and, of several seeds, the least and the most.
    /// </summary>
    public void WriteText(TextWriter output)
    {
        output.WriteLine($"{SafeText.Clean(scenario, 80)}, {seeds.Count} seed{(seeds.Count == 1 ? "" : "s")}: "
            + "median (least to most)");
        output.WriteLine();
        List<TextColumn> columns = [TextColumn.Words("MEASURE")];
        foreach ((string policy, _) in policies)
            columns.Add(TextColumn.Number(policy));
        var table = new TextTable([.. columns]);
        foreach ((_, string heading, Func<RunResult, double> of, Func<double, string> text) in Measures)
        {
            List<string> row = [heading];
            foreach ((_, IReadOnlyList<RunResult> runs) in policies)
            {
                double[] values = [.. runs.Select(of).Order()];
                string spread = values[0] == values[^1] ? "" : $" ({text(values[0])} to {text(values[^1])})";
                row.Add(text(Median(values)) + spread);
            }

            table.Add([.. row]);
        }

        table.Write(output);
    }

    /// <summary>
    /// Writes one object: scenario, seeds, and policies, each with its name, the digests of its runs and, by measure,
    /// median, min, max and the values in the order of the seeds.
    /// </summary>
    public void WriteJson(TextWriter output) => JsonText.Write(output, json =>
    {
        json.WriteString("scenario", SafeText.Clean(scenario, 200));
        json.WriteStartArray("seeds");
        foreach (ulong seed in seeds)
            json.WriteNumberValue(seed);
        json.WriteEndArray();
        json.WriteStartArray("policies");
        foreach ((string policy, IReadOnlyList<RunResult> runs) in policies)
            WritePolicy(json, policy, runs);
        json.WriteEndArray();
    });

    private static void WritePolicy(Utf8JsonWriter json, string policy, IReadOnlyList<RunResult> runs)
    {
        json.WriteStartObject();
        json.WriteString("policy", policy);
        json.WriteStartArray("digests");
        foreach (RunResult run in runs)
            json.WriteStringValue(run.Digest);
        json.WriteEndArray();
        foreach ((string key, _, Func<RunResult, double> of, _) in Measures)
        {
            double[] values = [.. runs.Select(of)];
            double[] ordered = [.. values.Order()];
            json.WriteStartObject(key);
            json.WriteNumber("median", Median(ordered));
            json.WriteNumber("min", ordered[0]);
            json.WriteNumber("max", ordered[^1]);
            json.WriteStartArray("values");
            foreach (double value in values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static double Counter(RunResult run, string name)
    {
        foreach (KeyValuePair<string, long> counter in run.VmStat)
        {
            if (counter.Key == name)
                return counter.Value;
        }

        return 0;
    }

    private static double Jain(RunResult run, Func<ProcessResult, long> of)
    {
        double sum = 0, squares = 0;
        int count = 0;
        foreach (ProcessResult process in run.Processes)
        {
            if (process.Accesses == 0)
                continue;
            double value = of(process);
            sum += value;
            squares += value * value;
            count++;
        }

        return squares == 0 ? 1 : sum * sum / (count * squares);
    }

    private static double Median(double[] ordered) =>
        (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;

    private static string Whole(double value) => Units.Exact((long)Math.Round(value));

    private static string Index(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
