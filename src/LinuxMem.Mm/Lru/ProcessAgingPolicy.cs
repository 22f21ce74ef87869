using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Page ages in mem_map, as Linux 2.0 kept them: a walk through the processes makes the pages that they used younger by
/// 3, to 20 at most, and the others older by 1, and takes those that reach 0; a clock over mem_map takes pages of the
/// caches that no process maps and that were not used since it last came by.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: try_to_free_page, swap_out, swap_out_process, try_to_swap_out; mm/filemap.c: shrink_mmap, v2.0.
/// Each process gives a 32nd of its resident set, at least 4 pages, before the walk goes on to the next: that is how
/// a large process loses more. A page of a file that others map too leaves this process only. Shared memory, for which
/// v2.0 has a third hand (shm_swap), is met by both.
/// </remarks>
public sealed class ProcessAgingPolicy : IReplacementPolicy
{
    /// <summary>The age of a page that is used all the time (MAX_PAGE_AGE).</summary>
    public const byte AgeMax = 20;

    private const byte Advance = 3;
    private const byte Decline = 1;
    private const int ClusterFraction = 32;
    private const int ClusterMin = 4;
    private const int PageoutWeight = 8192;
    private readonly PolicyContext context;
    private readonly IProcessWalk processes;
    private readonly long[] counts = new long[2];
    private readonly long[] byAge = new long[AgeMax + 1];
    private readonly long[] lastByAge = new long[AgeMax + 1];
    private uint hand = 1;
    private int current;
    private bool turnOfProcesses;

    /// <summary>Over the frames of a machine with processes.</summary>
    public ProcessAgingPolicy(PolicyContext context)
    {
        this.context = context;
        processes = context.Processes!;
    }

    /// <inheritdoc/>
    public string Name => "aging";

    /// <summary>Pages that a process gives at a time (AGE_CLUSTER_SIZE).</summary>
    public static int ClusterSize(long rss) =>
        (int)Math.Max(ClusterMin, Math.Min(rss, 1L << 30) * ClusterFraction >> 10);

    /// <summary>Pages by age, from 0 to <see cref="AgeMax"/>, when it last looked for some that can leave.</summary>
    public IReadOnlyList<long> LastPagesByAge => lastByAge;

    /// <inheritdoc/>
    public void Added(Pfn page, ulong refault)
    {
        if (refault != 0)
            context.CountRefault(page);
        context.Map[page].Age = ClassicRule.InitialAge;
        Count(page, 1);
    }

    /// <inheritdoc/>
    public void Accessed(Pfn page) => context.Map[page].Flags |= PageFlags.Referenced;

    /// <inheritdoc/>
    public void Replaced(Pfn old, Pfn replacement)
    {
        Count(old, -1);
        Count(replacement, 1);
    }

    /// <inheritdoc/>
    public void Removed(Pfn page) => Count(page, -1);

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why)
    {
        ref PageFrame frame = ref context.Map[page];
        frame.Age = why == KeepReason.Used ? Younger(frame.Age) : Math.Max(frame.Age, Decline);
        Count(page, 1);
    }

    /// <inheritdoc/>
    public ulong Evicted(Pfn page) => 1;

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active) => active ? 0 : counts[(int)kind];

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        if (active)
            return;
        for (var page = new Pfn(1); page.Value < context.Map.FrameCount; page = new Pfn(page.Value + 1))
        {
            if (Has(context.Map[page]) && context.References.KindOf(page) == kind)
                into.Add(page);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Today's twelve urgencies are v2.0's six, two of them each.</remarks>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        int priority = (request.Priority + 1) / 2;
        int wanted = victims.Count + request.Wanted;
        while (victims.Count < wanted)
        {
            if (!turnOfProcesses)
            {
                if (ShrinkMmap(ref request, priority, victims))
                    continue;
                turnOfProcesses = true;
            }

            if (SwapOut(ref request, priority, victims))
                continue;
            turnOfProcesses = false;
            break;
        }

        processes.Finish();
        if (request.Scanned > 0)
            byAge.CopyTo(lastByAge, 0);
    }

    // Pages of the caches: one that nobody maps and nobody used goes. True if it found one.
    private bool ShrinkMmap(ref ScanRequest request, int priority, List<Pfn> victims)
    {
        uint frames = context.Map.FrameCount;
        long most = ((long)frames << 1) >> (priority >> 1);
        long mostCached = ((long)frames << 1) >> priority;
        for (; most > 0 && mostCached > 0; most--)
        {
            var page = new Pfn(hand);
            hand = hand + 1 < frames ? hand + 1 : 1;
            ref PageFrame frame = ref context.Map[page];
            if (!Has(frame))
                continue;
            request.Look(context.References.KindOf(page));
            if (frame.Place != FramePlace.Anon)
                mostCached--;
            if (frame.MapCount > 0)
            {
                frame.Flags |= PageFlags.Referenced;
                continue;
            }

            if ((frame.Flags & PageFlags.Referenced) != 0)
            {
                frame.Flags &= ~PageFlags.Referenced;
                if (priority < 4)
                    SetAge(ref frame, Older(frame.Age));
                continue;
            }

            if (!request.MayTake(context, page))
                continue;
            Take(page, victims);
            return true;
        }

        return false;
    }

    // Pages of processes. True if it found one.
    private bool SwapOut(ref ScanRequest request, int priority, List<Pfn> victims)
    {
        long visits = (((long)PageoutWeight * processes.Count) >> 10) >> priority;
        for (; visits >= 0; visits--)
        {
            IWalkedProcess? process = Suitable();
            if (process is null)
                return false;
            if (process.SwapCount == 0)
                process.SwapCount = ClusterSize(process.Rss);
            bool isLast = --process.SwapCount == 0;
            bool found = SwapOutOf(process, ref request, victims);
            if (isLast || !found)
                current = process.Id + 1;
            if (found)
                return true;
        }

        return false;
    }

    // The process whose turn it is, or the first after it that has pages, round the table.
    private IWalkedProcess? Suitable()
    {
        IWalkedProcess? process = processes.NextAfter(current - 1) ?? processes.NextAfter(0);
        current = process?.Id ?? 0;
        return process;
    }

    // Goes on through a process until a page leaves it, or it ends.
    private bool SwapOutOf(IWalkedProcess process, ref ScanRequest request, List<Pfn> victims)
    {
        while (true)
        {
            Pfn page = processes.Next(process, out bool accessed);
            if (page.IsNone)
                return false;
            ref PageFrame frame = ref context.Map[page];
            if (!Has(frame))
                continue;
            request.Look(context.References.KindOf(page));
            if (accessed)
            {
                SetAge(ref frame, Younger(frame.Age));
                continue;
            }

            SetAge(ref frame, Older(frame.Age));
            if (frame.Age > 0 || !request.MayTake(context, page))
                continue;
            if (frame.MapCount > 1 && frame.Place != FramePlace.Anon)
            {
                processes.Drop();
                continue;
            }

            if (frame.MapCount > 1 && context.KeepsSharedAnon)
                continue;
            Take(page, victims);
            return true;
        }
    }

    // What was handed out is marked, so that it is not met again before it leaves the lists.
    private void Take(Pfn page, List<Pfn> victims)
    {
        Count(page, -1);
        context.Map[page].Flags |= PageFlags.Active;
        victims.Add(page);
    }

    private static bool Has(in PageFrame frame) =>
        (frame.Flags & (PageFlags.Lru | PageFlags.Active | PageFlags.Unevictable)) == PageFlags.Lru;

    private static byte Younger(byte age) => (byte)Math.Min(age + Advance, AgeMax);

    private static byte Older(byte age) => (byte)Math.Max(age - Decline, 0);

    private void SetAge(ref PageFrame frame, byte age)
    {
        byAge[frame.Age]--;
        frame.Age = age;
        byAge[age]++;
    }

    private void Count(Pfn page, int change)
    {
        counts[(int)context.References.KindOf(page)] += change;
        byAge[context.Map[page].Age] += change;
    }
}
