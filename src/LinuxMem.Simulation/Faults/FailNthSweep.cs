using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Simulation.Faults;

/// <summary>What came of a run in which one passing of a fault point, or all from it on, failed.</summary>
public enum FailNthOutcome
{
    /// <summary>Every process ended as it does without.</summary>
    Same,

    /// <summary>Processes ended otherwise: they were told of the failure, or died of it.</summary>
    Changed,

    /// <summary>The run did not end within the scenario's virtual time.</summary>
    Stuck,

    /// <summary>An invariant is broken.</summary>
    Violated,
}

/// <summary>One run of a sweep.</summary>
/// <param name="Passing">What failed first.</param>
/// <param name="Nth">The how manieth passing of the machine it was.</param>
/// <param name="Mode">Whether it alone failed.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Detail">The violation, or how processes ended; empty if there is nothing to tell.</param>
public sealed record FailNthRun(
    FaultPassing Passing, long Nth, FailNthMode Mode, FailNthOutcome Outcome, string Detail);

/// <summary>What came of a sweep.</summary>
/// <param name="Counted">Points that the run passes when nothing fails.</param>
/// <param name="Reached">Those points, by site and operation.</param>
/// <param name="Runs">The runs, in the order of the points.</param>
public sealed record FailNthResult(
    long Counted, IReadOnlyList<FaultReached> Reached, IReadOnlyList<FailNthRun> Runs);

/// <summary>
/// Fails the 1st, 2nd, ... Nth passing of the fault points of a scenario, each in a run of its own, once and with all
/// after it: Linux's fail-nth, over the whole machine.
/// </summary>
/// <param name="scenario">The scenario; its own faults are replaced.</param>
/// <param name="points">The points that are swept, as a pattern of their names.</param>
/// <param name="run">Runs a scenario to its end.</param>
public sealed class FailNthSweep(Scenario scenario, string points, Func<Scenario, RunResult> run)
{
    private RunResult? plain;

    /// <summary>What the run passes when nothing fails; <see cref="Plan"/> finds out.</summary>
    public FaultReport Passed => plain!.Faults!;

    /// <summary>Memory accesses of the run when nothing fails; <see cref="Plan"/> finds out.</summary>
    public long PlainAccesses => plain!.Accesses;

    /// <summary>
    /// Runs without a failure, and says which runs make up the sweep: of each pair of site and operation so many
    /// passings, spread over the run, 0 for all; fewer of each, but one at least, where there would be too many runs.
    /// </summary>
    /// <param name="each">Passings of each pair.</param>
    /// <param name="most">Runs at most, as long as each pair has two.</param>
    public IReadOnlyList<(long Nth, FailNthMode Mode)> Plan(int each, int most = int.MaxValue)
    {
        plain = run(With(new FaultSettings { Counts = true, KeepsOrder = true, FailNthPoints = points }));
        List<long> chosen = Choose(Passed.Order, each);
        for (int fewer = each == 0 ? 64 : each; chosen.Count * 2L > most && fewer > 1;)
            chosen = Choose(Passed.Order, fewer = Math.Max(1, fewer / 2));
        return [.. chosen.SelectMany(nth => new[] { (nth, FailNthMode.Once), (nth, FailNthMode.AndAfter) })];
    }

    /// <summary>Sweeps, one run after the other. Reports each run.</summary>
    public FailNthResult Run(int each, Action<int, int>? progress = null)
    {
        IReadOnlyList<(long Nth, FailNthMode Mode)> planned = Plan(each);
        var runs = new List<FailNthRun>();
        foreach ((long nth, FailNthMode mode) in planned)
        {
            runs.Add(RunOne(nth, mode));
            progress?.Invoke(runs.Count, planned.Count);
        }

        return ResultOf(runs);
    }

    /// <summary>The result, of the runs in the order of the plan.</summary>
    public FailNthResult ResultOf(IReadOnlyList<FailNthRun> runs) => new(Passed.Counted, Passed.Reached, runs);

    /// <summary>Carries out one run of the plan. Any thread, several at once, if runs of a scenario may be.</summary>
    /// <param name="nth">Which passing fails first.</param>
    /// <param name="mode">Whether it alone does.</param>
    /// <param name="runner">Runs a scenario; null for that of the sweep.</param>
    public FailNthRun RunOne(long nth, FailNthMode mode, Func<Scenario, RunResult>? runner = null) =>
        RunOne(plain!, Passed.Order[(int)nth - 1], nth, mode, runner ?? run);

    /// <summary>The settings that make one run of the sweep.</summary>
    public static FaultSettings SettingsOf(long nth, FailNthMode mode, string points) => new()
    {
        FailNth = nth,
        FailNthMode = mode,
        FailNthPoints = points,
    };

    // The first of each pair, the last, and those evenly between them.
    private static List<long> Choose(IReadOnlyList<FaultPassing> order, int each)
    {
        var places = new SortedDictionary<(int, int), List<long>>();
        for (int i = 0; i < order.Count; i++)
        {
            (int, int) cell = (order[i].SiteIndex, order[i].OperationIndex);
            if (!places.TryGetValue(cell, out List<long>? list))
                places.Add(cell, list = []);
            list.Add(i + 1);
        }

        var chosen = new SortedSet<long>();
        foreach (List<long> list in places.Values)
        {
            int count = each == 0 ? list.Count : Math.Min(each, list.Count);
            for (int i = 0; i < count; i++)
                chosen.Add(list[count == 1 ? 0 : (int)((long)i * (list.Count - 1) / (count - 1))]);
        }

        return [.. chosen];
    }

    private FailNthRun RunOne(
        RunResult plain, FaultPassing passing, long nth, FailNthMode mode, Func<Scenario, RunResult> runner)
    {
        FailNthRun Outcome(FailNthOutcome outcome, string detail) => new(passing, nth, mode, outcome, detail);
        try
        {
            RunResult result = runner(With(SettingsOf(nth, mode, points)));
            if (result.Audit.Violations.Count > 0)
                return Outcome(FailNthOutcome.Violated, result.Audit.Violations[0]);
            string changes = Changes(plain, result);
            return Outcome(changes.Length == 0 ? FailNthOutcome.Same : FailNthOutcome.Changed, changes);
        }
        catch (KernelBug bug)
        {
            return Outcome(FailNthOutcome.Violated, bug.Message);
        }
        catch (ConfigurationException e)
        {
            return Outcome(FailNthOutcome.Stuck, e.Message);
        }
    }

    private Scenario With(FaultSettings faults) => scenario with { Faults = faults };

    // Children that were never born change nobody's fate but their parent's.
    private static string Changes(RunResult plain, RunResult result)
    {
        var before = plain.Processes.ToDictionary(p => p.Pid, p => p.Fate);
        string[] changed = [.. result.Processes
            .Where(p => before.TryGetValue(p.Pid, out string? fate) && fate != p.Fate)
            .Select(p => $"{p.Comm}[{p.Pid}] {p.Fate}")];
        int missing = Math.Max(0, plain.Processes.Count - result.Processes.Count);
        string born = missing == 0 ? "" : $"{missing} never born";
        return string.Join(", ", changed.Take(3).Append(born).Where(text => text.Length > 0))
            + (changed.Length > 3 ? $" and {changed.Length - 3} more" : "");
    }
}
