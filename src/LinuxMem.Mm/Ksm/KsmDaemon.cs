using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Ksm;

/// <summary>
/// ksmd: looks through the pages that programs have offered (MADV_MERGEABLE), some at each of its steps, and makes
/// equal ones one.
/// </summary>
/// <remarks>
/// Linux: mm/ksm.c: ksm_do_scan, cmp_and_merge_page, try_to_merge_with_ksm_page, v6.18, without the advisor,
/// zero pages and nodes. Linux takes the right to write from a page, waits for the TLBs and compares, all at
/// once; here the waiting is a step long: what is found equal loses the right to write at one step and is merged at the
/// next, if nobody has stored to it until then. Merged pages are on no list of reclaim: they stay in memory, where
/// Linux can swap them. At its steps every CPU has come exactly as far; its own CPU time is charged to nobody.
/// </remarks>
public sealed class KsmDaemon
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly MmLifecycle spaces;
    private readonly KsmSettings settings;
    private readonly PteFormat format;
    private readonly UnstablePages unstable = new();
    private readonly List<(KsmPlace Page, KsmPlace? Partner)> prepared = [];
    private readonly SortedDictionary<int, (Mm Mm, MmuGather Gather)> gathers = [];
    private bool hasFound;
    private long lastFind;
    private int atMm;
    private ulong atVa;

    /// <summary>Over one machine's memory.</summary>
    public KsmDaemon(KernelMemory memory, PageMapper mapper, MmLifecycle spaces)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.spaces = spaces;
        settings = memory.Settings.Ksm;
        format = memory.Geometry.Format;
    }

    /// <summary>Whether it runs at all.</summary>
    public bool IsOn => settings.Run;

    /// <summary>Time from step to step, in nanoseconds; the steps lie on multiples of it.</summary>
    public long StepNs => settings.SleepMillisecs * 1_000_000L;

    /// <summary>When it takes its next step; <see cref="long.MaxValue"/> while nobody has offered pages.</summary>
    public long NextStepNs { get; private set; } = long.MaxValue;

    /// <summary>Full scans (full_scans).</summary>
    public long FullScans { get; private set; }

    /// <summary>Pages looked at (pages_scanned).</summary>
    public long Scanned { get; private set; }

    /// <summary>Pages that were left out, since they had found no equal one for long (pages_skipped).</summary>
    public long Skipped { get; private set; }

    /// <summary>Pages that wait for an equal one (pages_unshared).</summary>
    public long Unshared => unstable.Count;

    /// <summary>Pages that change too often (pages_volatile).</summary>
    public long Volatile => Math.Max(0, unstable.Seen - unstable.Count);

    /// <summary>
    /// Whether it has gone through all pages since a full scan, again and again, and found nothing to merge and no
    /// change. As often as a page may be left out after the longest time, and more: every two pages that can meet have
    /// met then. Precondition: nobody else has run since.
    /// </summary>
    /// <param name="fullScan">The full scan, as <see cref="FullScans"/> counts.</param>
    public bool IsSettledSince(long fullScan)
    {
        const long leavingOut = 32, all = 2;
        return FullScans - Math.Max(fullScan, lastFind) > (settings.SmartScan ? leavingOut : all);
    }

    /// <summary>A program has offered pages of an address space (ksm_enter).</summary>
    public void Enter(Mm mm, long nowNs)
    {
        mm.OffersPages = true;
        if (IsOn && NextStepNs == long.MaxValue)
            NextStepNs = ((nowNs / StepNs) + 1) * StepNs;
    }

    /// <summary>Takes a step.</summary>
    public void Step(long nowNs)
    {
        memory.Trace?.Act(-1, 0, KernelThreads.Ksmd);
        MergePrepared(nowNs);
        Scan(nowNs);
        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            memory.Coherence.Finish(mm, gather, -1, nowNs);
        gathers.Clear();
        NextStepNs = spaces.Live.Any(mm => mm.OffersPages && mm.Users > 0) ? nowNs + StepNs : long.MaxValue;
    }

    private void Scan(long nowNs)
    {
        if (atMm == 0 && atVa == 0)
            memory.Trace?.Emit(Tracepoint.KsmStartScan, FullScans, unstable.Seen);
        int left = settings.PagesToScan;
        foreach (Mm mm in spaces.Live.Where(mm => mm.Id >= atMm && mm.OffersPages && mm.Users > 0).ToList())
        {
            if (mm.Id != atMm)
                (atMm, atVa) = (mm.Id, 0);
            memory.Locks.ReadsSpace(mm, 0);
            for (Vma? vma = mm.Vmas.Tree.Find(atVa); vma is not null; vma = vma.Next)
            {
                if ((vma.Flags & VmFlags.Mergeable) != 0 && vma.AnonVma is not null
                    && !ScanVma(mm, vma, ref left, nowNs))
                    return;
            }
        }

        (atMm, atVa) = (0, 0);
        if (hasFound)
            lastFind = FullScans;
        hasFound = false;
        unstable.EndScan();
        memory.Trace?.Emit(Tracepoint.KsmStopScan, FullScans, unstable.Seen);
        FullScans++;
    }

    // False if the step is over.
    private bool ScanVma(Mm mm, Vma vma, ref int left, long nowNs)
    {
        ulong page = memory.Geometry.PageBytes;
        for (ulong va = Math.Max(vma.Start, atVa); va < vma.End;)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, vma.End);
                continue;
            }

            ulong entry = memory.Tables.Read(slot);
            var place = new KsmPlace(mm, va, mapper.IsMapped(entry) ? mapper.PfnOf(entry) : Pfn.None);
            va += page;
            if (!Suits(place) || memory.FaultSwitch.Fails(FaultSite.KsmRmapItem))
                continue;
            if (settings.SmartScan && unstable.IsLeftOut(place))
            {
                Skipped++;
                continue;
            }

            Scanned++;
            Consider(place, nowNs);
            if (--left > 0)
                continue;
            atVa = va;
            return false;
        }

        return true;
    }

    // Looks for an equal page. Linux: cmp_and_merge_page.
    private void Consider(in KsmPlace place, long nowNs)
    {
        ulong contents = memory.Ksm.ContentsOf(place.Page);
        if (!memory.Ksm.Find(place.Page, contents).IsNone)
        {
            Protect(place, nowNs);
            prepared.Add((place, null));
            return;
        }

        if (!unstable.IsSteady(place, contents))
        {
            hasFound = true;
            return;
        }

        Pfn page = place.Page;
        bool IsEqual(KsmPlace other) =>
            other.Page != page && Suits(other) && memory.Ksm.AreEqual(page, other.Page);
        if (!unstable.TryTake(contents, IsEqual, out KsmPlace partner))
        {
            unstable.Add(place, contents);
            return;
        }

        Protect(place, nowNs);
        Protect(partner, nowNs);
        prepared.Add((place, partner));
    }

    private void MergePrepared(long nowNs)
    {
        foreach ((KsmPlace place, KsmPlace? partner) in prepared)
        {
            bool looksAgain = memory.Mutant != Mutant.M109;
            if (looksAgain ? !IsUnwritten(place) : !Suits(place))
                continue;
            Pfn merged = memory.Ksm.Find(place.Page, memory.Ksm.ContentsOf(place.Page));
            if (merged.IsNone && partner is { } other && other.Page != place.Page && IsUnwritten(other)
                && (!looksAgain || memory.Ksm.AreEqual(place.Page, other.Page)))
            {
                merged = other.Page;
                memory.Ksm.Add(merged);
                memory.Lru!.Remove(merged);
            }

            if (!merged.IsNone)
                Merge(place, merged, nowNs);
        }

        prepared.Clear();
    }

    private void Merge(in KsmPlace place, Pfn merged, long nowNs)
    {
        hasFound = true;
        var at = new TrapPoint(-1, nowNs);
        PageFrame old = memory.Map[place.Page];
        PteSlot slot = memory.Tables.Find(place.Mm, place.Va);
        ulong entry = memory.Tables.Read(slot);
        MmuGather gather = GatherOf(place.Mm);
        place.Mm.UpdateHiwaterRss();
        VmFlags flags = place.Mm.Vmas.Tree.FindContaining(place.Va)!.Flags;
        mapper.Release(place.Mm, entry, gather, of: flags);
        memory.Map[merged].RefCount++;
        mapper.Map(place.Mm, slot, place.Va, merged, entry & ~(format.PfnMask | format.Dirty), at, flags);
        if (memory.Mutant != Mutant.M138)
            memory.Ksm.AddItem(merged, old.Owner, old.Index);
        gather.Touch(place.Va >> memory.Geometry.PageShift);
        memory.Trace?.Emit(Tracepoint.KsmMergeOnePage, merged.Value, place.Mm.Id, memory.Map[merged].MapCount);
    }

    private void Protect(in KsmPlace place, long nowNs)
    {
        PteSlot slot = memory.Tables.Find(place.Mm, place.Va);
        ulong entry = memory.Tables.Read(slot);
        if (!mapper.IsWritable(entry))
            return;
        mapper.Set(place.Mm, slot, place.Va, entry & ~format.Write, new TrapPoint(-1, nowNs));
        if (memory.Mutant != Mutant.M74)
            GatherOf(place.Mm).Touch(place.Va >> memory.Geometry.PageShift);
    }

    private MmuGather GatherOf(Mm mm)
    {
        if (!gathers.TryGetValue(mm.Id, out (Mm Mm, MmuGather Gather) batch))
            gathers.Add(mm.Id, batch = (mm, memory.Coherence.Begin(mm)));
        return batch.Gather;
    }

    private bool IsUnwritten(in KsmPlace place) => Suits(place)
        && !mapper.IsWritable(memory.Tables.Read(memory.Tables.Find(place.Mm, place.Va)));

    // Whether it is still a page of a program that was offered and can be merged.
    private bool Suits(in KsmPlace place)
    {
        if (place.Page.IsNone || place.Mm.Users == 0)
            return false;
        Vma? vma = place.Mm.Vmas.Tree.Find(place.Va);
        if (vma is null || !vma.Contains(place.Va) || (vma.Flags & VmFlags.Mergeable) == 0)
            return false;
        PteSlot slot = memory.Tables.Find(place.Mm, place.Va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        if ((entry & format.Present) == 0 || mapper.PfnOf(entry) != place.Page)
            return false;
        PageFrame frame = memory.Map[place.Page];
        const PageFlags busy = PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim | PageFlags.SwapCached
            | PageFlags.ZeroPage | PageFlags.HwPoison;
        return frame.Place == FramePlace.Anon && !frame.IsKsm && (frame.Flags & busy) == 0
            && !memory.Lent.Has(place.Page);
    }
}
