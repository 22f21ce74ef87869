using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Compaction;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Hotplug;

/// <summary>Memory that leaves the running machine, block by block, and comes back.</summary>
/// <remarks>
/// Linux: mm/memory_hotplug.c: offline_pages, do_migrate_range, online_pages; mm/page_isolation.c:
/// start_isolate_page_range, undo_isolate_page_range, v6.18. A range goes in steps: what is free is isolated, what can
/// move moves away, what it left is isolated when TLBs have forgotten it. Where there is nothing to move to, kswapd
/// makes room, with swap if there is any. What cannot move at all is EBUSY at once; what cannot move now is tried
/// again. Linux tries until a signal comes; here so many times, or for so long while pages are on their way out. On
/// failure all of it is undone.
/// </remarks>
public sealed class MemoryHotplug
{
    /// <summary>Steps after which a range that is still in use stays.</summary>
    public const int TriesMax = 50;

    /// <summary>For how long in vain it is tried while pages leave, nanoseconds.</summary>
    private const long PatienceNs = 1_000_000_000;

    private readonly KernelMemory memory;
    private readonly PageMigration migration;
    private readonly KernelLog log;
    private readonly List<Pfn> isolated = [];
    private readonly Queue<FrameRange> waiting = new();
    private int tries;
    private int isolatedBefore;
    private long advancedNs;

    /// <summary>Of one machine.</summary>
    public MemoryHotplug(KernelMemory memory, PageMigration migration, KernelLog log)
    {
        this.memory = memory;
        this.migration = migration;
        this.log = log;
    }

    /// <summary>Frames of a block: the least that comes or goes.</summary>
    public uint BlockFrames => memory.Allocator.PageblockPages;

    /// <summary>Whether a step is called for.</summary>
    public bool WantsStep => memory.Leaving is not null || waiting.Count > 0;

    /// <summary>
    /// Lets a range leave; <see cref="Step"/> does the work. EINVAL: it is not of whole blocks of one zone, or not all
    /// of it is there.
    /// </summary>
    public Errno BeginOffline(FrameRange range, long nowNs)
    {
        if (!IsWhole(range) || CountOffline(range) > 0)
            return Tell(range, nowNs, "invalid range", Errno.EINVAL);
        waiting.Enqueue(range);
        return Errno.None;
    }

    /// <summary>Frames of the range that leaves which nobody can have any more.</summary>
    public long IsolatedPages => isolated.Count;

    /// <summary>Lets a range come back. EINVAL: not all of it is away, or part of it is yet to leave.</summary>
    /// <remarks>
    /// Linux: drivers/base/memory.c: memory_block_change_state, v6.18: a block that is MEM_GOING_OFFLINE is not
    /// MEM_OFFLINE.
    /// </remarks>
    public Errno Online(FrameRange range, long nowNs)
    {
        bool isLeaving = memory.Leaving is { } leaving && leaving.First < range.End && range.First < leaving.End;
        if (!IsWhole(range) || isLeaving || CountOffline(range) != range.Count)
            return Tell(range, nowNs, "invalid range", Errno.EINVAL);
        for (uint pfn = range.First; pfn < range.End; pfn++)
            Return(new Pfn(pfn));
        memory.Allocator.Resize(ZoneOf(range), range.Count, memory.Settings.Vm, memory.Geometry.PageShift);
        log.Print(nowNs, $"Onlined {Name(range)}: {range.Count} pages");
        return Errno.None;
    }

    /// <summary>
    /// Goes on with the range that leaves. Precondition: every CPU has come exactly as far, and what was stored is in
    /// RAM.
    /// </summary>
    public void Step(long nowNs)
    {
        if (memory.Leaving is null && waiting.TryDequeue(out FrameRange next))
        {
            memory.Leaving = next;
            memory.Left = Capture;
            tries = isolatedBefore = 0;
            advancedNs = nowNs;
        }

        if (memory.Leaving is not { } range)
            return;
        memory.Allocator.DrainAll();
        memory.Allocator.ListAllFreeBlocks();
        if (IsolateFree(range) is { } unmovable)
        {
            Undo(range, nowNs, unmovable, Errno.EBUSY);
            return;
        }

        if (isolated.Count > isolatedBefore)
        {
            isolatedBefore = isolated.Count;
            advancedNs = nowNs;
            tries = 0;
        }

        bool mayHope = memory.ReclaimingPages > 0 && nowNs < advancedNs + PatienceNs;
        if (isolated.Count == range.Count)
            Leave(range, nowNs);
        else if (++tries > TriesMax && !mayHope)
            Undo(range, nowNs, "pages are in use", Errno.EBUSY);
        else
            MoveAway(range, nowNs);
    }

    // What is free is nobody's from now on. The reason if something can never move.
    private string? IsolateFree(FrameRange range)
    {
        for (uint pfn = range.First; pfn < range.End; pfn++)
        {
            PageFrame frame = memory.Map[new Pfn(pfn)];
            switch (frame.Place)
            {
                case FramePlace.Kernel or FramePlace.PageTable:
                    return "unmovable page";
                case FramePlace.Poisoned:
                    return "poisoned page";
                case FramePlace.BuddyHead or FramePlace.Untouched:
                    if (memory.Allocator.TakePageOff(new Pfn(pfn)))
                        Capture(new Pfn(pfn));
                    break;
            }
        }

        return null;
    }

    private void MoveAway(FrameRange range, long nowNs)
    {
        var targets = memory.Allocator.Zones.Reverse().Select(zone => (Zone: zone, Free: new FreeFrames(memory)))
            .ToArray();
        for (uint pfn = range.First; pfn < range.End; pfn++)
        {
            var page = new Pfn(pfn);
            if (!migration.MayMove(page))
                continue;
            (Zone Zone, Pfn Page) target = (targets[0].Zone, Pfn.None);
            foreach ((Zone zone, FreeFrames free) in targets)
            {
                target = (zone, free.Take(zone, range.First, range.End));
                if (!target.Page.IsNone)
                    break;
            }

            if (target.Page.IsNone)
            {
                // GFP_KERNEL | __GFP_RETRY_MAYFAIL: memory is reclaimed for it, and nobody killed.
                memory.Allocator.IsBelowLow = true;
                break;
            }

            bool moved = migration.Move(page, target.Page);
            memory.Stat.Add(moved ? VmEvent.PgMigrateSuccess : VmEvent.PgMigrateFail);
            if (!moved)
                memory.Allocator.ReturnTaken(target.Zone, target.Page);
        }

        migration.Finish(nowNs);
    }

    // Taken off the lists, so that nobody gets it.
    private void Capture(Pfn pfn)
    {
        ref PageFrame frame = ref memory.Map[pfn];
        frame.Place = FramePlace.Reserved;
        frame.Flags = PageFlags.Reserved;
        frame.RefCount = 0;
        isolated.Add(pfn);
        memory.OfflinePages++;
    }

    private void Leave(FrameRange range, long nowNs)
    {
        isolated.Clear();
        memory.Leaving = null;
        memory.Allocator.Resize(ZoneOf(range), -range.Count, memory.Settings.Vm, memory.Geometry.PageShift);
        log.Print(nowNs, $"Offlined {Name(range)}: {range.Count} pages");
    }

    private void Undo(FrameRange range, long nowNs, string why, Errno error)
    {
        memory.Leaving = null;
        if (memory.Mutant == Mutant.M143 && isolated.Count > 0)
            isolated.RemoveAt(isolated.Count - 1);
        foreach (Pfn pfn in isolated)
            Return(pfn);
        isolated.Clear();
        Tell(range, nowNs, why, error);
    }

    private void Return(Pfn pfn)
    {
        ref PageFrame frame = ref memory.Map[pfn];
        KernelBug.Assert(frame.Place == FramePlace.Reserved, $"I01 violated: frame {pfn} comes back as {frame.Place}");
        frame.Flags = PageFlags.None;
        frame.Place = FramePlace.Isolated;
        memory.OfflinePages--;
        memory.Allocator.GiveBack(pfn, wasInUse: false);
    }

    private bool IsWhole(FrameRange range) => range.Count > 0 && range.First % BlockFrames == 0
        && range.End % BlockFrames == 0 && range.First > 0 && range.End <= memory.Map.FrameCount
        && ZoneOf(range) == memory.Allocator.ZoneOf(new Pfn(range.End - 1));

    private uint CountOffline(FrameRange range)
    {
        uint count = 0;
        for (uint pfn = range.First; pfn < range.End; pfn++)
            count += memory.Map[new Pfn(pfn)].Place == FramePlace.Reserved ? 1u : 0;
        return count;
    }

    private Zone ZoneOf(FrameRange range) => memory.Allocator.ZoneOf(new Pfn(range.First));

    private string Name(FrameRange range)
    {
        int shift = memory.Geometry.PageShift;
        return $"[mem 0x{(ulong)range.First << shift:x10}-0x{((ulong)range.End << shift) - 1:x10}]";
    }

    private Errno Tell(FrameRange range, long nowNs, string why, Errno error)
    {
        log.Print(nowNs, $"memory offlining {Name(range)} failed due to {why}");
        return error;
    }
}
