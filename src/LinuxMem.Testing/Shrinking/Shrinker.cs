using System.Text.RegularExpressions;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Testing.Exploring;
using LinuxMem.Workloads.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Testing.Shrinking;

/// <summary>
/// Makes a finding small: leaves out processes, steps, settings and decisions, and lowers numbers, as long as the same
/// is found. Delta debugging (Zeller and Hildebrandt, 2002) over the scenario's text.
/// </summary>
public sealed partial class Shrinker : IDisposable
{
    private const long LongerAtMost = 4;
    private const long LongestNs = 100_000_000;
    private readonly MachineHost host = new(NullLoggerFactory.Instance);
    private readonly int runsMax;
    private readonly Action<int, int>? progress;
    private readonly CancellationToken cancel;
    private ScenarioDocument best;
    private string wanted = "";
    private RunRecord? finding;

    private Shrinker(ScenarioDocument document, int runsMax, Action<int, int>? progress, CancellationToken cancel)
    {
        best = document;
        this.runsMax = runsMax;
        this.progress = progress;
        this.cancel = cancel;
    }

    /// <summary>Runs made so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Shrinks a finding.</summary>
    /// <param name="document">The scenario, with everything in it that the finding needs: seed, audit, choices.</param>
    /// <param name="runsMax">The most runs to make.</param>
    /// <param name="progress">Hears of runs made and bytes left.</param>
    /// <param name="cancel">Ends it early, with the smallest so far.</param>
    /// <returns>The smallest scenario that was found, what is found with it, and the runs it took.</returns>
    /// <exception cref="ConfigurationException">Nothing is found with the scenario, or it is no sound one.</exception>
    public static (ScenarioDocument Smallest, RunRecord Finding, int Runs) Shrink(ScenarioDocument document,
        int runsMax, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        using var shrinker = new Shrinker(document, runsMax, progress, cancel);
        shrinker.Begin();
        try
        {
            shrinker.Cut();
        }
        catch (OperationCanceledException)
        {
            // What was reached so far is of use, too.
        }

        return (shrinker.best, shrinker.finding!, shrinker.Runs);
    }

    /// <summary>What a finding is called: equal for findings that differ in numbers and places only.</summary>
    public static string Signature(RunRecord run)
    {
        string text = run.Finding;
        int colon = text.IndexOf(" violated", StringComparison.Ordinal);
        return $"{run.Verdict} " + (colon > 0 ? text[..colon] : Numbers().Replace(text, "#"));
    }

    /// <inheritdoc/>
    public void Dispose() => host.Dispose();

    private void Begin()
    {
        Scenario scenario = ScenarioReader.Parse(best.Utf8, "scenario", []);
        RunRecord first = RunJudge.Judge(
            host, scenario, scenario.Seed, cancel, out ChoiceSource? choices, out RunResult? result);
        Runs++;
        if (first.Verdict == Verdict.Well)
        {
            throw new ConfigurationException(
                "nothing is found with this scenario and seed; there is nothing to shrink");
        }

        wanted = Signature(first);
        finding = first;
        // A smaller scenario that runs for much longer is none.
        if (first.Verdict != Verdict.Endless)
        {
            long longestNs = result is null ? LongestNs : Math.Max(1000, result.VirtualNs * LongerAtMost);
            ScenarioDocument bounded = best.With("engine.maxVirtual", $"{longestNs}ns");
            if (IsFound(bounded))
                best = bounded;
        }

        if (choices is null)
            return;
        // From now on the decisions are a list, which can be made shorter.
        string plan = ChoicePlan.Of(choices.Taken).ToString();
        ScenarioDocument listed = best.With("choices", plan);
        if (IsFound(listed))
            best = listed;
    }

    private void Cut()
    {
        for (int before = int.MaxValue; before > best.Utf8.Length && Runs < runsMax;)
        {
            before = best.Utf8.Length;
            // What makes runs shorter comes first.
            CutItems();
            CutMembers();
            CutDecisions();
            CutQuantities();
        }
    }

    private void CutDecisions()
    {
        Scenario scenario = ScenarioReader.Parse(best.Utf8, "scenario", []);
        if (scenario.Choices is null)
            return;
        List<string> decisions = [.. scenario.Choices.ToString().Split(',')];
        for (int size = decisions.Count; size >= 1; size /= 2)
        {
            for (int first = 0; first < decisions.Count && Runs < runsMax;)
            {
                List<string> fewer = [.. decisions];
                fewer.RemoveRange(first, Math.Min(size, fewer.Count - first));
                ScenarioDocument? candidate = fewer.Count == 0
                    ? best.WithoutMember("choices") : best.With("choices", string.Join(',', fewer));
                if (Take(candidate))
                    decisions = fewer;
                else
                    first += size;
            }
        }
    }

    // Processes and steps: large pieces first.
    private void CutItems()
    {
        for (int a = 0; a < best.Arrays().Count; a++)
        {
            (string path, int count) = best.Arrays()[a];
            for (int size = count; size >= 1; size /= 2)
            {
                for (int first = 0; first < count && Runs < runsMax;)
                {
                    int removed = Math.Min(size, count - first);
                    if (Take(best.WithoutItems(path, first, removed)))
                        count -= removed;
                    else
                        first += size;
                }
            }
        }
    }

    private void CutMembers()
    {
        foreach (string path in best.Members())
        {
            if (Runs < runsMax)
                Take(best.WithoutMember(path));
        }
    }

    private void CutQuantities()
    {
        foreach ((string path, string[] smaller) in best.Quantities())
        {
            foreach (string value in smaller)
            {
                if (Runs >= runsMax || Take(best.WithQuantity(path, value)))
                    break;
            }
        }
    }

    private bool Take(ScenarioDocument? candidate)
    {
        if (candidate is null || !IsFound(candidate))
            return false;
        best = candidate;
        progress?.Invoke(Runs, best.Utf8.Length);
        return true;
    }

    private bool IsFound(ScenarioDocument candidate)
    {
        if (RunOf(candidate) is not { } run || Signature(run) != wanted)
            return false;
        finding = run;
        return true;
    }

    // Null if the text is no sound scenario.
    private RunRecord? RunOf(ScenarioDocument candidate)
    {
        Scenario scenario;
        try
        {
            scenario = ScenarioReader.Parse(candidate.Utf8, "scenario", []);
        }
        catch (ConfigurationException)
        {
            return null;
        }

        Runs++;
        return RunJudge.Judge(host, scenario, scenario.Seed, cancel);
    }

    [GeneratedRegex("(0x[0-9a-f]+|[0-9]+)")]
    private static partial Regex Numbers();
}
