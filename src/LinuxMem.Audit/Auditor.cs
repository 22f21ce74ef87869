using LinuxMem.Audit.Checkers;
using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit;

/// <summary>
/// Checks snapshots of the machine against its invariants. Sees nothing of the kernel but the facts of a snapshot,
/// recounts everything, and keeps only its working memory from one check to the next.
/// </summary>
public sealed class Auditor
{
    /// <summary>The most violations that one check writes out; further ones are only counted.</summary>
    public const int MaxViolations = 100;

    private readonly IChecker[] checkers =
    [
        new FramePlaceChecker(), new FrameTotalChecker(), new FreeFrameReferenceChecker(),
        new BuddyBlockChecker(), new CoalescingChecker(), new FreeCounterChecker(), new PerCpuListChecker(),
        new FreshFrameChecker(), new HwPoisonChecker(), new RefCountChecker(), new MapCountChecker(), new RmapChecker(),
        new MappedKindChecker(), new CopyOnWriteChecker(),
        new TlbCoherenceChecker(), new TlbGenerationChecker(), new AsidChecker(), new DirtyBitChecker(),
        new VmaOrderChecker(), new VmaMergeChecker(), new PteRightsChecker(), new PageTableChecker(),
        new GuardGapChecker(), new RssChecker(), new CommitChecker(), new LruChecker(), new WritebackChecker(),
        new EventCountChecker(), new SwapChecker(), new FileEndChecker(), new FileContentChecker(),
        new WatermarkChecker(), new OomChecker(),
        new ProgressChecker(), new VirtualTimeChecker(), new MessageChecker(), new QuiescenceChecker(),
        new RequestChecker(),
        new LeakChecker(), new GroupChecker(), new FrameCounterChecker(), new ProcessChecker(),
    ];

    private readonly IChecker[] sectionCheckers =
    [
        new FreeCounterChecker(), new PerCpuListChecker(), new TlbGenerationChecker(), new AsidChecker(),
        new VmaOrderChecker(), new VmaMergeChecker(), new VirtualTimeChecker(), new MessageChecker(),
        new RequestChecker(), new GuardGapChecker(), new CommitChecker(), new EventCountChecker(),
        new LruLengthChecker(), new WatermarkChecker(), new OomChecker(), new ProgressChecker(),
        new GroupChecker(), new ProcessChecker(), new StruckFrameChecker(), new ManagedPagesChecker(),
    ];

    private readonly List<Violation> unwritten = [];
    private readonly SnapshotIndex index = new();
    private readonly ViolationSink sink = new();
    private readonly List<string> invariants = [];

    /// <summary>An auditor with every checker.</summary>
    public Auditor()
    {
        foreach (IChecker checker in checkers)
            invariants.AddRange(checker.Ids);
    }

    /// <summary>The invariants that every check verifies, in the order in which it reports them.</summary>
    public IReadOnlyList<string> Invariants => invariants;

    /// <summary>Invariants verified so far: their number times the checks.</summary>
    public long ChecksDone { get; private set; }

    /// <summary>Violations found so far, those included that were not written out.</summary>
    public long ViolationsFound { get; private set; }

    /// <summary>
    /// Verifies every invariant and adds the violations to a list: in an order that depends on the snapshot alone, at
    /// most <see cref="MaxViolations"/>. Returns how many there are. O(records), but for violations and what searches
    /// them takes.
    /// </summary>
    /// <exception cref="MalformedSnapshotException">The snapshot breaks the format that its types describe.</exception>
    public long Check(MachineSnapshot snapshot, List<Violation> violations)
    {
        index.Build(snapshot);
        sink.Begin(violations, MaxViolations);
        foreach (IChecker checker in checkers)
            checker.Check(index, sink);
        ChecksDone += invariants.Count;
        ViolationsFound += sink.Total;
        return sink.Total;
    }

    /// <summary>
    /// Whether the sections of a snapshot that are never large agree with each other: all but frames, entries and
    /// tables, and TLBs, which may be left empty. Counts as a check if the caller says that those are fine too.
    /// </summary>
    /// <exception cref="MalformedSnapshotException">The snapshot breaks its own format.</exception>
    public bool SectionsAreFine(MachineSnapshot snapshot)
    {
        unwritten.Clear();
        index.BuildSections(snapshot);
        sink.Begin(unwritten, 0);
        foreach (IChecker checker in sectionCheckers)
            checker.Check(index, sink);
        return sink.Total == 0;
    }

    /// <summary>Notes a check of every invariant that found nothing.</summary>
    public void CountCleanCheck() => ChecksDone += invariants.Count;
}
