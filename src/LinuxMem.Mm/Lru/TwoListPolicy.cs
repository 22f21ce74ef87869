using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Linux's classic replacement: an active and an inactive list for each kind of page, balanced by what reclaiming
/// either kind has cost, with refaults detected by their distance.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: get_scan_count, shrink_lruvec, shrink_active_list, folio_check_references; mm/workingset.c;
/// mm/swap.c: folio_mark_accessed, lru_note_cost, v6.18. One lruvec for the node; batches of pages that wait to join
/// the lists are not modelled.
/// </remarks>
public sealed unsafe class TwoListPolicy : IReplacementPolicy
{
    private const int ClusterMax = 32;
    private const byte Workingset = 1;
    private readonly PolicyContext context;
    private readonly PageFrame* frames;
    private readonly FrameList[] lists = new FrameList[4];
    private readonly long[] cost = new long[2];
    private readonly long[] refaultsSeen = new long[2];
    private readonly long[] refaults = new long[2];
    private long nonresidentAge = 1;

    /// <summary>Empty lists.</summary>
    public TwoListPolicy(PolicyContext context)
    {
        this.context = context;
        frames = context.Map.Frames;
    }

    /// <inheritdoc/>
    public string Name => "two-list";

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active) => lists[IndexOf(kind, active)].Count;

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into) => lists[IndexOf(kind, active)].CopyTo(frames, into);

    /// <inheritdoc/>
    public void Added(Pfn page, ulong refault)
    {
        PageFrame* frame = frames + page.Value;
        PageKind kind = KindOf(frame);
        frame->Age = 0;
        bool active = refault != 0 && IsWorkingset(kind, refault, frame);
        Put(frame, page.Value, kind, active);
    }

    /// <inheritdoc/>
    public void Replaced(Pfn old, Pfn replacement)
    {
        Removed(old);
        PageFrame* frame = frames + replacement.Value;
        bool active = (frame->Flags & PageFlags.Active) != 0;
        frame->Flags &= ~PageFlags.Active;
        Put(frame, replacement.Value, KindOf(frame), active);
    }

    /// <inheritdoc/>
    public void Accessed(Pfn page)
    {
        PageFrame* frame = frames + page.Value;
        if ((frame->Flags & PageFlags.Referenced) == 0)
        {
            frame->Flags |= PageFlags.Referenced;
            return;
        }

        if ((frame->Flags & PageFlags.Active) != 0)
            return;
        Removed(page);
        frame->Flags &= ~PageFlags.Referenced;
        nonresidentAge++;
        context.Count(VmEvent.PgActivate);
        Put(frame, page.Value, KindOf(frame), active: true);
    }

    /// <inheritdoc/>
    public void Removed(Pfn page)
    {
        PageFrame* frame = frames + page.Value;
        bool active = (frame->Flags & PageFlags.Active) != 0;
        lists[IndexOf(KindOf(frame), active)].Remove(frames, page.Value);
        frame->Flags &= ~PageFlags.Active;
    }

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why)
    {
        PageFrame* frame = frames + page.Value;
        bool active = why is KeepReason.Used or KeepReason.Locked or KeepReason.NoSwap;
        if (active)
        {
            nonresidentAge++;
            context.Count(VmEvent.PgActivate);
        }

        Put(frame, page.Value, KindOf(frame), active);
    }

    /// <inheritdoc/>
    public ulong Evicted(Pfn page)
    {
        ulong shadow = ((ulong)nonresidentAge << 1) | (frames[page.Value].Age & 1UL);
        nonresidentAge++;
        return shadow;
    }

    /// <inheritdoc/>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        Span<long> left = stackalloc long[4];
        GetScanCount(in request, left);
        bool[] mayDeactivate = [MayDeactivate(PageKind.Anon), MayDeactivate(PageKind.File)];
        int wanted = victims.Count + request.Wanted;
        int batch = Math.Min(ClusterMax, request.Wanted);
        while (victims.Count < wanted && (left[0] | left[2] | left[3]) != 0)
        {
            for (int list = 0; list < 4; list++)
            {
                int chunk = (int)Math.Min(left[list], batch);
                left[list] -= chunk;
                var kind = (PageKind)(list >> 1);
                if (chunk == 0 || lists[list].Count == 0)
                    left[list] = 0;
                else if ((list & 1) == 0)
                    ShrinkInactive(kind, chunk, ref request, victims);
                else if (mayDeactivate[(int)kind])
                    ShrinkActive(kind, chunk, ref request);
            }
        }

        // Anonymous pages age also while there is no need to look at them.
        if (request.MaySwap && InactiveIsLow(PageKind.Anon))
            ShrinkActive(PageKind.Anon, ClusterMax, ref request);
    }

    /// <inheritdoc/>
    public void AttemptOver()
    {
        refaultsSeen[0] = refaults[0];
        refaultsSeen[1] = refaults[1];
    }

    // As the references would say; this is asked for every page that comes and goes.
    private static PageKind KindOf(PageFrame* frame) =>
        (frame->Flags & PageFlags.SwapBacked) != 0 ? PageKind.Anon : PageKind.File;

    private static int IndexOf(PageKind kind, bool active) => ((int)kind << 1) | (active ? 1 : 0);

    private void Put(PageFrame* frame, uint pfn, PageKind kind, bool active)
    {
        frame->Flags = active ? frame->Flags | PageFlags.Active : frame->Flags & ~PageFlags.Active;
        lists[IndexOf(kind, active)].AddHead(frames, pfn);
    }

    private long Size(PageKind kind) => lists[IndexOf(kind, false)].Count + lists[IndexOf(kind, true)].Count;

    private bool InactiveIsLow(PageKind kind)
    {
        long inactive = lists[IndexOf(kind, false)].Count, active = lists[IndexOf(kind, true)].Count;
        long gib = (inactive + active) >> (30 - context.PageShift);
        long ratio = gib == 0 ? 1 : Sqrt(10 * gib);
        return inactive * ratio < active;
    }

    private bool MayDeactivate(PageKind kind) =>
        refaults[(int)kind] != refaultsSeen[(int)kind] || InactiveIsLow(kind);

    // How many pages of each list to look at.
    private void GetScanCount(in ScanRequest request, Span<long> scan)
    {
        (long anon, long file) = Fractions(in request);
        for (int list = 0; list < 4; list++)
        {
            long part = (list >> 1) == (int)PageKind.Anon ? anon : file;
            long all = lists[list].Count;
            long count = all >> request.Priority;
            if (part == 0)
                count = 0;
            else if (anon != 0 && file != 0)
                count = request.Priority == 0 ? count : count * part / (anon + file);
            // A list that is too small to be halved so often is looked at in the end all the same.
            scan[list] = count == 0 && part != 0 && request.Priority == 0 ? all : count;
        }
    }

    private (long Anon, long File) Fractions(in ScanRequest request)
    {
        int swappiness = context.Vm.Swappiness;
        if (!request.MaySwap || Size(PageKind.Anon) == 0)
            return (0, 1);
        if (request.Priority == 0 && swappiness != 0)
            return (1, 1);
        if (swappiness == 0)
            return Size(PageKind.File) + request.FreePages <= context.HighWatermarkPages ? (1, 0) : (0, 1);
        long inactiveAnon = lists[IndexOf(PageKind.Anon, false)].Count;
        long inactiveFile = lists[IndexOf(PageKind.File, false)].Count;
        bool fileIsTiny = Size(PageKind.File) + request.FreePages <= context.HighWatermarkPages
            && !MayDeactivate(PageKind.Anon) && inactiveAnon >> request.Priority != 0;
        if (fileIsTiny)
            return (1, 0);
        if (inactiveFile >> request.Priority != 0 && !MayDeactivate(PageKind.File))
            return (0, 1);
        long total = cost[0] + cost[1];
        long anonCost = total + cost[0], fileCost = total + cost[1];
        total = anonCost + fileCost;
        return (swappiness * (total + 1) / (anonCost + 1), (200 - swappiness) * (total + 1) / (fileCost + 1));
    }

    private void ShrinkInactive(PageKind kind, int count, ref ScanRequest request, List<Pfn> victims)
    {
        ref FrameList list = ref lists[IndexOf(kind, false)];
        int kept = 0, written = 0;
        count = (int)Math.Min(count, list.Count);
        request.Look(kind, count);
        for (int i = 0; i < count; i++)
        {
            uint pfn = list.Tail;
            PageFrame* frame = frames + pfn;
            list.Remove(frames, pfn);
            int referenced = context.References.TestAndClear(new Pfn(pfn), out bool executable, out bool locked);
            bool before = (frame->Flags & PageFlags.Referenced) != 0;
            frame->Flags &= ~PageFlags.Referenced;
            if (locked || (referenced > 0
                && (before || referenced > 1 || (executable && kind == PageKind.File))))
            {
                kept++;
                nonresidentAge++;
                context.Count(VmEvent.PgActivate);
                Put(frame, pfn, kind, active: true);
            }
            else if (referenced > 0)
            {
                kept++;
                frame->Flags |= PageFlags.Referenced;
                Put(frame, pfn, kind, active: false);
            }
            else
            {
                if (kind == PageKind.Anon && (frame->Flags & PageFlags.SwapCached) == 0)
                    written++;
                victims.Add(new Pfn(pfn));
            }
        }

        NoteCost(kind, written, kept);
    }

    private void ShrinkActive(PageKind kind, int count, ref ScanRequest request)
    {
        ref FrameList list = ref lists[IndexOf(kind, true)];
        int rotated = 0;
        count = (int)Math.Min(count, list.Count);
        request.Refill(count);
        context.Count(VmEvent.PgRefill, count);
        for (int i = 0; i < count; i++)
        {
            uint pfn = list.Tail;
            PageFrame* frame = frames + pfn;
            list.Remove(frames, pfn);
            int referenced = context.References.TestAndClear(new Pfn(pfn), out bool executable, out _);
            if (referenced > 0 && executable && kind == PageKind.File)
            {
                rotated++;
                Put(frame, pfn, kind, active: true);
                continue;
            }

            frame->Age = Workingset;
            context.Count(VmEvent.PgDeactivate);
            Put(frame, pfn, kind, active: false);
        }

        NoteCost(kind, 0, rotated);
    }

    private void NoteCost(PageKind kind, int written, int rotated)
    {
        cost[(int)kind] += ((long)written * ClusterMax) + rotated;
        while (cost[0] + cost[1] > (Size(PageKind.Anon) + Size(PageKind.File)) / 4 && cost[0] + cost[1] > 0)
        {
            cost[0] /= 2;
            cost[1] /= 2;
        }
    }

    // workingset_refault: a page that would still be here, had the active pages been inactive, belongs to the working
    // set.
    private bool IsWorkingset(PageKind kind, ulong shadow, PageFrame* frame)
    {
        bool anon = kind == PageKind.Anon;
        context.Count(anon ? VmEvent.WorkingsetRefaultAnon : VmEvent.WorkingsetRefaultFile);
        long distance = nonresidentAge - (long)(shadow >> 1);
        long size = lists[IndexOf(PageKind.File, true)].Count;
        if (anon)
            size += lists[IndexOf(PageKind.File, false)].Count + lists[IndexOf(PageKind.Anon, true)].Count;
        else
            size += Size(PageKind.Anon);
        if (distance > size)
            return false;
        nonresidentAge++;
        refaults[(int)kind]++;
        context.Count(anon ? VmEvent.WorkingsetActivateAnon : VmEvent.WorkingsetActivateFile);
        if ((shadow & 1) != 0)
        {
            frame->Age = Workingset;
            context.Count(anon ? VmEvent.WorkingsetRestoreAnon : VmEvent.WorkingsetRestoreFile);
            NoteCost(kind, 1, 0);
        }

        return true;
    }

    private static long Sqrt(long value)
    {
        long root = 0;
        while ((root + 1) * (root + 1) <= value)
            root++;
        return root;
    }
}
