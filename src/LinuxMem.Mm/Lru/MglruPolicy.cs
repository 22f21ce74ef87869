using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Generations: pages are two to four generations old; walks through the page tables make those the youngest that were
/// used, and the oldest leave. Pages used by read and write are in tiers by how often, and a tier stays longer while it
/// has more refaults than those that were used once.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: lru_gen_folio_seq, inc_max_seq, inc_min_seq, scan_folios, sort_folio, positive_ctrl_err, v6.18.
/// Page tables are walked whole, in the order of the lists: the Bloom filter, which spares parts in which little was
/// found last time, changes what a walk costs and is left out. A page met in a walk counts as an eighth of one looked
/// at, since its entry stands beside others. Age holds the generation (bits 0 and 1) and the uses (bits 2 to 4).
/// </remarks>
public sealed unsafe class MglruPolicy : IReplacementPolicy
{
    private const int GensMax = 4;
    private const int GensMin = 2;
    private const int Tiers = 4;
    private const int BatchMin = 64;
    private readonly PolicyContext context;
    private readonly PageFrame* frames;
    private readonly FrameList[] lists = new FrameList[GensMax * 2];
    private readonly long[] minSeq = new long[2];
    private readonly long[] evicted = new long[2 * Tiers];
    private readonly long[] refaulted = new long[2 * Tiers];
    private long maxSeq = GensMin + 1;

    /// <summary>Empty generations.</summary>
    public MglruPolicy(PolicyContext context)
    {
        this.context = context;
        frames = context.Map.Frames;
    }

    /// <inheritdoc/>
    public string Name => "mglru";

    /// <inheritdoc/>
    public void Added(Pfn page, ulong refault)
    {
        int kind = (int)context.References.KindOf(page);
        bool recent = refault != 0 && maxSeq - (long)(refault >> 3) < GensMax;
        if (refault != 0)
            context.CountRefault(page);
        if (recent)
            refaulted[(kind * Tiers) + (int)((refault >> 1) & 3)]++;
        // A process's page was faulted in and is in use; a file's may have been read ahead.
        long behind = kind == (int)PageKind.Anon ? GensMin - 1 : GensMax - 1;
        frames[page.Value].Age = 0;
        Put(page.Value, kind, Math.Max(maxSeq - behind + (recent ? 1 : 0), minSeq[kind]));
    }

    /// <inheritdoc/>
    public void Accessed(Pfn page)
    {
        ref byte age = ref frames[page.Value].Age;
        age += (byte)(age < 28 ? 4 : 0);
    }

    /// <inheritdoc/>
    public void Removed(Pfn page) =>
        lists[((frames[page.Value].Age & 3) * 2) + (int)context.References.KindOf(page)].Remove(frames, page.Value);

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why)
    {
        int kind = (int)context.References.KindOf(page);
        Put(page.Value, kind, why == KeepReason.Writeback ? Math.Max(maxSeq - 1, minSeq[kind]) : maxSeq);
    }

    /// <inheritdoc/>
    public ulong Evicted(Pfn page) => 1 | ((ulong)TierOf(page.Value) << 1) | ((ulong)maxSeq << 3);

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active)
    {
        long count = 0;
        for (long seq = minSeq[(int)kind]; seq <= maxSeq; seq++)
            count += active == (seq > maxSeq - GensMin) ? ListOf((int)kind, seq).Count : 0;
        return count;
    }

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        for (long seq = minSeq[(int)kind]; seq <= maxSeq; seq++)
        {
            if (active == (seq > maxSeq - GensMin))
                ListOf((int)kind, seq).CopyTo(frames, into);
        }
    }

    /// <inheritdoc/>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        long budget = request.Wanted + (2 * (Size(0) + Size(1)) >> request.Priority);
        int wanted = victims.Count + request.Wanted;
        int fruitless = 0;
        for (; budget > 0 && victims.Count < wanted; budget--)
        {
            int kind = KindToScan(in request, other: (fruitless & BatchMin) != 0);
            if (Size(kind) == 0)
                return;
            while (minSeq[kind] + GensMin > maxSeq || ListOf(kind, minSeq[kind]).Count == 0)
            {
                if (minSeq[kind] + GensMin > maxSeq)
                    WalkReferences(ref request);
                else
                    minSeq[kind]++;
            }

            int before = victims.Count;
            Scan(ListOf(kind, minSeq[kind]).Tail, kind, victims);
            fruitless = victims.Count > before ? 0 : fruitless + 1;
            request.Look((PageKind)kind);
        }
    }

    private ref FrameList ListOf(int kind, long seq) => ref lists[((int)(seq % GensMax) * 2) + kind];

    private long Size(int kind) => Count((PageKind)kind, false) + Count((PageKind)kind, true);

    private void Put(uint pfn, int kind, long seq)
    {
        frames[pfn].Age = (byte)((frames[pfn].Age & ~3) | (int)(seq % GensMax));
        ListOf(kind, seq).AddHead(frames, pfn);
    }

    private int TierOf(uint pfn) => (frames[pfn].Age >> 2) switch { <= 1 => 0, 2 => 1, <= 4 => 2, _ => 3 };

    private void Scan(uint pfn, int kind, List<Pfn> victims)
    {
        ListOf(kind, minSeq[kind]).Remove(frames, pfn);
        int referenced = context.References.TestAndClear(new Pfn(pfn), out _, out bool locked);
        int tier = TierOf(pfn), first = kind * Tiers;
        if (referenced > 0 || locked)
        {
            Put(pfn, kind, maxSeq);
        }
        else if (tier > 0 && !HasFewerRefaults(first + tier, 3, first, 2))
        {
            Put(pfn, kind, minSeq[kind] + 1);
        }
        else
        {
            evicted[first + tier]++;
            victims.Add(new Pfn(pfn));
        }
    }

    // Whether what one has of refaults, weighed, is not more than what the other has.
    private bool HasFewerRefaults(int one, long oneGain, int other, long otherGain) =>
        refaulted[one] < BatchMin || refaulted[one] * (evicted[other] + BatchMin) * otherGain
            <= (refaulted[other] + 1) * evicted[one] * oneGain;

    // Where a batch of one kind has nothing to give, the other is looked at (isolate_folios).
    private int KindToScan(in ScanRequest request, bool other)
    {
        int swappiness = context.Vm.Swappiness;
        if (!request.MaySwap || Size((int)PageKind.Anon) == 0)
            return (int)PageKind.File;
        if (Size((int)PageKind.File) == 0)
            return (int)PageKind.Anon;
        bool file = swappiness == 0 || HasFewerRefaults(Tiers, 200 - swappiness, 0, swappiness);
        return (int)(file != other ? PageKind.File : PageKind.Anon);
    }

    // What was used since the last walk belongs to the youngest generation; then a new one begins.
    private void WalkReferences(ref ScanRequest request)
    {
        request.Refill((int)((Size(0) + Size(1)) / 8));
        for (int kind = 0; kind < 2; kind++)
        {
            for (long seq = minSeq[kind]; seq <= maxSeq; seq++)
                Promote(ref ListOf(kind, seq), kind);
            if (maxSeq - minSeq[kind] + 1 == GensMax)
                MergeOldest(kind);
        }

        maxSeq++;
        for (int i = 0; i < 2 * Tiers; i++)
        {
            evicted[i] /= 2;
            refaulted[i] /= 2;
        }
    }

    private void Promote(ref FrameList list, int kind)
    {
        uint pfn = list.Tail;
        for (long i = list.Count; i > 0; i--)
        {
            uint younger = frames[pfn].Prev;
            if (context.References.TestAndClear(new Pfn(pfn), out _, out _) > 0)
            {
                list.Remove(frames, pfn);
                Put(pfn, kind, maxSeq);
            }

            pfn = younger;
        }
    }

    private void MergeOldest(int kind)
    {
        ref FrameList oldest = ref ListOf(kind, minSeq[kind]++);
        while (oldest.Count > 0)
        {
            uint pfn = oldest.Head;
            oldest.Remove(frames, pfn);
            frames[pfn].Age = (byte)((frames[pfn].Age & ~3) | (int)(minSeq[kind] % GensMax));
            ListOf(kind, minSeq[kind]).AddTail(frames, pfn);
        }
    }
}
