using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Commands;

/// <summary>Whether a run is as its scenario expects: told to people, and to CI servers as JUnit XML.</summary>
/// <param name="context">The call of the command.</param>
/// <param name="scenario">What was run.</param>
/// <param name="replay">The command that shows it again.</param>
internal sealed class RunVerdict(CommandContext context, Scenario scenario, string replay)
{
    private const int MostTold = 20;

    /// <summary>Whether a scenario says how its run is to end.</summary>
    public static bool IsExpected(Scenario scenario) =>
        scenario.Expect.Any(one => one.Path == "outcome");

    /// <summary>Tells which expectations a result does not meet. Whether it meets all.</summary>
    public bool Tell(IReadOnlyList<ExpectationOutcome> outcomes)
    {
        ExpectationOutcome[] failed = [.. outcomes.Where(one => !one.Holds)];
        foreach (ExpectationOutcome one in failed.Take(MostTold))
            context.Complain($"expectation failed: {one.Expectation.Where}: {one.Problem}");
        if (failed.Length > MostTold)
            context.Complain($"{Units.Exact(failed.Length - MostTold)} more expectations failed");
        return failed.Length == 0;
    }

    /// <summary>Writes the JUnit report of a run that ended.</summary>
    public void Write(ReportFile file, RunResult result, IReadOnlyList<ExpectationOutcome> outcomes)
    {
        IReadOnlyList<string> violations = result.Audit.Violations;
        string? broken = violations.Count == 0 ? null : violations[0];
        var cases = new List<JUnitCase>
        {
            new("runs to its end", result.Outcome == "done" || IsExpected(scenario)
                ? null : $"{result.Outcome}: {result.Panic?.Message ?? result.Stall?.Reason}"),
            new("keeps the invariants of the machine", broken, string.Join('\n', violations.Append(replay))),
        };
        cases.AddRange(outcomes.Select(one =>
            new JUnitCase(one.Name, one.Problem, $"{one.Expectation.Where}: {one.Problem}\n{replay}")));
        KeyValuePair<string, string>[] injected = result.Faults is { } faults
            ? [new("faultsInjected", $"{faults.Failures}"), new("faults", string.Join(' ', faults.Settings.Rules))]
            : [];
        Write(file, cases, [.. injected, new("digest", result.Digest), new("build", result.Build)]);
    }

    /// <summary>Writes the JUnit report of a run that a broken invariant ended.</summary>
    public void Write(ReportFile file, string bug) =>
        Write(file, [new JUnitCase("runs to its end", "invariant violated: " + bug, replay)], []);

    private void Write(ReportFile file, List<JUnitCase> cases, KeyValuePair<string, string>[] more) =>
        file.Write(stream => JUnitReport.Write(
            stream, scenario.Name, [new("seed", $"{scenario.Seed}"), .. more, new("replay", replay)], cases));
}
