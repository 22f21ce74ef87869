using System.Globalization;
using System.Text.Json;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting;

/// <summary>The survival table of a sweep of fail-nth, as text and as JSON.</summary>
/// <param name="result">What came of the sweep.</param>
/// <param name="scenario">The scenario, as the command line has it.</param>
/// <param name="seed">Its seed.</param>
/// <param name="points">The points swept, as a pattern.</param>
public sealed class FailNthReport(FailNthResult result, string scenario, ulong seed, string points)
{
    private const int ListedMax = 20;

    /// <summary>Writes the table for people: most of it fits 100 columns.</summary>
    public void Write(TextWriter output)
    {
        FaultSite[] existing = [.. FaultSite.All.Where(site => site.Point.IsSweptBy(points))];
        FaultSite[] reached = [.. result.Reached.Select(r => r.Site).Distinct().Where(existing.Contains)];
        output.WriteLine($"FAULTS INJECTED: one passing of {SafeText.Clean(points)} in each run, or all from it on");
        output.WriteLine($"{SafeText.Clean(scenario, 60)}: seed {seed}; {Units.Exact(result.Counted)} passings of "
            + $"fault points, {Units.Exact(result.Runs.Count)} runs");
        output.WriteLine($"Sites reached: {reached.Length} of {existing.Length}");
        output.WriteLine();
        output.WriteLine($"{"SITE",-24}{"OPERATION",-16}{"PASSED",9}  {"ONCE",-20}AND ALL AFTER IT");
        foreach (IGrouping<(FaultSite Site, FaultOperation Operation), FailNthRun> cell in Cells())
        {
            long passed = result.Reached.Where(r => r.Site == cell.Key.Site && r.Operation == cell.Key.Operation)
                .Sum(r => r.Passed);
            output.WriteLine($"{cell.Key.Site.Name,-24}{cell.Key.Operation.Name,-16}{Units.Exact(passed),9}  "
                + $"{Outcomes(cell, FailNthMode.Once),-20}{Outcomes(cell, FailNthMode.AndAfter)}");
        }

        WriteUnreached(output, existing.Except(reached));
        WriteFindings(output);
    }

    /// <summary>Writes everything for programs.</summary>
    public void WriteJson(TextWriter output) => JsonText.Write(output, json =>
    {
        json.WriteString("scenario", scenario);
        json.WriteNumber("seed", seed);
        json.WriteNumber("counted", result.Counted);
        json.WriteStartArray("sites");
        foreach (FaultSite site in FaultSite.All.Where(site => site.Point.IsSweptBy(points)))
        {
            json.WriteStartObject();
            json.WriteString("site", site.Name);
            json.WriteNumber("passed", result.Reached.Where(r => r.Site == site).Sum(r => r.Passed));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("runs");
        foreach (FailNthRun run in result.Runs)
            WriteRun(json, run);
        json.WriteEndArray();
    });

    private static string NameOf(FailNthOutcome outcome) => outcome switch
    {
        FailNthOutcome.Same => "same",
        FailNthOutcome.Changed => "changed",
        FailNthOutcome.Stuck => "stuck",
        _ => "VIOLATED",
    };

    private static string Outcomes(IEnumerable<FailNthRun> runs, FailNthMode mode) => string.Join(", ", runs
        .Where(run => run.Mode == mode).GroupBy(run => run.Outcome).OrderBy(group => group.Key)
        .Select(group => $"{group.Count().ToString(CultureInfo.InvariantCulture)} {NameOf(group.Key)}"));

    private IEnumerable<IGrouping<(FaultSite Site, FaultOperation Operation), FailNthRun>> Cells() => result.Runs
        .GroupBy(run => (run.Passing.Site, run.Passing.Operation))
        .OrderBy(cell => cell.Key.Site.Index).ThenBy(cell => cell.Key.Operation.Index);

    private static void WriteUnreached(TextWriter output, IEnumerable<FaultSite> sites)
    {
        string names = string.Join(", ", sites.Select(site => site.Name));
        if (names.Length == 0)
            return;
        output.WriteLine();
        output.WriteLine("Not reached, so nothing is said of: " + names);
    }

    private void WriteFindings(TextWriter output)
    {
        FailNthRun[] findings = [.. result.Runs.Where(run => run.Outcome >= FailNthOutcome.Stuck)];
        output.WriteLine();
        if (findings.Length == 0)
        {
            output.WriteLine("No invariant broke, and every run ended.");
            return;
        }

        foreach (FailNthRun run in findings.Take(ListedMax))
        {
            output.WriteLine($"{NameOf(run.Outcome)}: {SafeText.Clean(run.Detail, 300)}");
            output.WriteLine("  again: " + Replay(run));
        }

        if (findings.Length > ListedMax)
            output.WriteLine($"... and {findings.Length - ListedMax} more");
    }

    private string Replay(FailNthRun run)
    {
        string mode = run.Mode == FailNthMode.AndAfter ? " --set faults.failNthMode=and-after" : "";
        string of = points == "*" ? "" : $" --set 'faults.failNthPoints={SafeText.Clean(points)}'";
        return $"linuxmem run {SafeText.Clean(scenario)} --seed {seed} --audit round "
            + string.Create(CultureInfo.InvariantCulture, $"--set faults.failNth={run.Nth}{mode}{of}");
    }

    private void WriteRun(Utf8JsonWriter json, FailNthRun run)
    {
        json.WriteStartObject();
        json.WriteNumber("nth", run.Nth);
        json.WriteString("mode", run.Mode == FailNthMode.Once ? "once" : "and-after");
        json.WriteString("site", run.Passing.Site.Name);
        json.WriteString("operation", run.Passing.Operation.Name);
        json.WriteString("outcome", NameOf(run.Outcome).ToLowerInvariant());
        json.WriteString("detail", run.Detail);
        json.WriteString("again", Replay(run));
        json.WriteEndObject();
    }
}
