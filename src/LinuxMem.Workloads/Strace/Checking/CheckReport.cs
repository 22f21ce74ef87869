using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Strace;

/// <summary>
/// What came of comparing a log with the simulated kernel. Every event is counted in exactly one way.
/// </summary>
public sealed class CheckReport
{
    private readonly SortedDictionary<string, long> skipped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> unsupported = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> notJudged = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> skippedCalls = new(StringComparer.Ordinal);
    private readonly List<Mismatch> mismatches = [];
    private long extra;

    /// <summary>Events of the log: calls, signals, ends of tasks.</summary>
    public long Calls { get; internal set; }

    /// <summary>Answers, contents and counts that were compared.</summary>
    public long Checked => Matched + Mismatched;

    /// <summary>Answers that were the logged ones.</summary>
    public long Matched { get; private set; }

    /// <summary>Answers that were not.</summary>
    public long Mismatched { get; private set; }

    /// <summary>
    /// Answers that were not the logged ones, of calls that ran at the same time as others on the same address space:
    /// another order may explain them.
    /// </summary>
    public long Ambiguous { get; private set; }

    /// <summary>Calls that were not made, by reason: they can affect neither memory nor files.</summary>
    public IReadOnlyDictionary<string, long> Skipped => skipped;

    /// <summary>The same by the calls' names: what happened to be no call is not among them.</summary>
    public IReadOnlyDictionary<string, long> SkippedCalls => skippedCalls;

    /// <summary>Calls that affect memory and that the simulator does not model, by name.</summary>
    public IReadOnlyDictionary<string, long> Unsupported => unsupported;

    /// <summary>Calls that were made and whose answers cannot be compared, by reason.</summary>
    public IReadOnlyDictionary<string, long> NotJudged => notJudged;

    /// <summary>The mismatches, in the order of the log.</summary>
    public IReadOnlyList<Mismatch> Mismatches => mismatches;

    /// <summary>Whether every event is accounted for.</summary>
    public bool AddUp =>
        Checked - extra + Ambiguous + skipped.Values.Sum() + unsupported.Values.Sum() + notJudged.Values.Sum() == Calls;

    internal void Match() => Matched++;

    // Contents and counts that the log shows beyond the call's own answer, which is counted too.
    internal void MatchExtra()
    {
        Matched++;
        extra++;
    }

    internal void MismatchAt(Mismatch mismatch)
    {
        Mismatched++;
        mismatches.Add(mismatch);
    }

    internal void MismatchExtra(Mismatch mismatch)
    {
        MismatchAt(mismatch);
        extra++;
    }

    internal void Doubt() => Ambiguous++;

    internal void Skip(string reason) => Add(skipped, reason);

    internal void SkipCall(string reason, string call)
    {
        Skip(reason);
        Add(skippedCalls, call);
    }

    internal void Miss(string call) => Add(unsupported, call);

    internal void PassOver(string reason) => Add(notJudged, reason);

    internal void Check() => KernelBug.Assert(AddUp,
        $"every event of a log is accounted for: {Calls} events, {Checked} compared, {Ambiguous} ambiguous, "
        + $"{skipped.Values.Sum()} skipped, {unsupported.Values.Sum()} unsupported, "
        + $"{notJudged.Values.Sum()} not judged");

    private static void Add(SortedDictionary<string, long> counts, string key) =>
        counts[key] = counts.GetValueOrDefault(key) + 1;
}
