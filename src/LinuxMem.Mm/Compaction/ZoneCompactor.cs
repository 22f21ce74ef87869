using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Compaction;

/// <summary>
/// Compacts one zone: a scanner goes up from its start and collects pages that can move, another comes down from its
/// end and collects free frames; pages move from the one to the other until the scanners meet.
/// </summary>
/// <remarks>
/// Linux: mm/compaction.c: compact_zone, isolate_migratepages_block, isolate_freepages_block, compaction_suitable,
/// defer_compaction, v6.18. Not modelled: skip bits of pageblocks, the fast searches. A pass that ends where the
/// scanners meet begins anew at the ends next time.
/// </remarks>
public sealed class ZoneCompactor
{
    private const int ClusterMax = 32;
    private const int CostlyOrder = 3;
    private const int ExtfragThreshold = 500;
    private const int MaxDeferShift = 6;
    private readonly KernelMemory memory;
    private readonly PageMigration migration;
    private readonly Zone zone;
    private readonly uint blockPages;
    private readonly List<Pfn> pages = [];
    private readonly Stack<Pfn> targets = new();
    private uint migratePfn;
    private uint freePfn;
    private int deferShift;
    private int considered;
    private int orderFailed = int.MaxValue;
    private bool isTold;

    /// <summary>Of one zone.</summary>
    public ZoneCompactor(KernelMemory memory, PageMigration migration, Zone zone)
    {
        this.memory = memory;
        this.migration = migration;
        this.zone = zone;
        blockPages = memory.Allocator.PageblockPages;
        Reset();
    }

    private PageAllocator Allocator => memory.Allocator;

    /// <summary>Whether an allocation of an order is told that it is of no use to try, after failures.</summary>
    /// <remarks>Linux: compaction_deferred, v6.18.</remarks>
    public bool IsDeferred(int order)
    {
        if (order < orderFailed || deferShift == 0)
            return false;
        int limit = 1 << deferShift;
        considered = Math.Min(considered + 1, limit);
        return considered < limit;
    }

    /// <summary>It has failed for an order: it is not tried for the next 1, 2, 4, ... 64 times.</summary>
    public void Defer(int order)
    {
        considered = 0;
        deferShift = Math.Min(deferShift + 1, MaxDeferShift);
        orderFailed = Math.Min(orderFailed, order);
    }

    /// <summary>It has succeeded for an order.</summary>
    public void Succeeded(int order)
    {
        considered = 0;
        deferShift = 0;
        if (order >= orderFailed)
            orderFailed = order + 1;
    }

    /// <summary>Whether there is enough free memory to move pages into, and it is broken up.</summary>
    /// <remarks>Linux: compaction_suitable, v6.18.</remarks>
    public bool IsSuitable(int order)
    {
        if (order < 0)
            return true;
        Watermarks marks = zone.Watermarks;
        long mark = (order > CostlyOrder ? marks.LowPages : marks.MinPages) + (2L << order);
        if (!zone.WatermarkOk(0, mark, zone.Type, AllocFlags.WmarkMin))
            return false;
        int index = order > CostlyOrder ? FragmentationIndex.External(zone, order) : FragmentationIndex.WouldSucceed;
        return index is < 0 or > ExtfragThreshold;
    }

    /// <summary>Works until there is a block, the scanners meet, or so many pages have moved.</summary>
    public CompactResult Run(CompactControl control, int budget)
    {
        if (memory.Trace is not { } trace)
            return Work(control, budget);
        long free = freePfn, scanned = migratePfn, sync = control.IsDaemon ? 0 : 1;
        if (!isTold)
            trace.Tell(Tracepoint.CompactionBegin, zone.StartPfn.Value, scanned, free, zone.EndPfn.Value, sync);
        CompactResult result = Work(control, budget);
        isTold = result == CompactResult.Continue;
        if (!isTold)
            TellEnd(trace, sync, result);
        return result;
    }

    // Linux: include/trace/events/compaction.h: mm_compaction_end, v6.18.
    private void TellEnd(Tracer trace, long sync, CompactResult result)
    {
        var told = default(TraceEvent);
        (told.AtNs, told.Cpu, told.Pid, told.Tid, told.Point) =
            (trace.NowNs, trace.Cpu, trace.Pid, trace.Tid, Tracepoint.CompactionEnd);
        told.Numbers[0] = zone.StartPfn.Value;
        told.Numbers[1] = migratePfn;
        told.Numbers[2] = freePfn;
        told.Numbers[3] = zone.EndPfn.Value;
        told.Numbers[4] = sync;
        told.Numbers[5] = (int)result;
        trace.Tell(told);
    }

    private CompactResult Work(CompactControl control, int budget)
    {
        while (budget > 0)
        {
            if (HasBlock(control.Order))
                return CompactResult.Success;
            if (migratePfn >= freePfn || !CollectPages(control))
            {
                Reset();
                return CompactResult.Complete;
            }

            int moved = MoveAll(control);
            budget -= Math.Max(moved, 1);
        }

        return CompactResult.Continue;
    }

    /// <summary>Whether a block of an order is free in pageblocks of any type, above the low watermark.</summary>
    public bool HasBlock(int order) =>
        order >= 0 && zone.WatermarkOk(order, zone.Watermarks.LowPages, zone.Type, AllocFlags.WmarkMin);

    private void Reset()
    {
        migratePfn = zone.StartPfn.Value;
        freePfn = zone.EndPfn.Value;
    }

    // Collects pages of the next pageblock that has any; false if the scanners meet before.
    private bool CollectPages(CompactControl control)
    {
        pages.Clear();
        int scanned = 0;
        while (pages.Count < ClusterMax && migratePfn < freePfn)
        {
            uint pfn = migratePfn;
            int order = Allocator.FreeBlockOrder(pfn);
            if (order >= 0)
            {
                migratePfn += 1u << order;
                scanned++;
                continue;
            }

            migratePfn++;
            scanned++;
            if (migration.MayMove(new Pfn(pfn)))
                pages.Add(new Pfn(pfn));
            if (pages.Count > 0 && migratePfn % blockPages == 0)
                break;
        }

        memory.Stat.Add(VmEvent.CompactMigrateScanned, scanned);
        if (control.IsDaemon)
            memory.Stat.Add(VmEvent.CompactDaemonMigrateScanned, scanned);
        memory.Stat.Add(VmEvent.CompactIsolated, pages.Count);
        return pages.Count > 0;
    }

    private int MoveAll(CompactControl control)
    {
        int moved = 0;
        foreach (Pfn page in pages)
        {
            if (targets.Count == 0 && !CollectFree(control))
                break;
            // Both scanners may have come into one block: nothing is moved upwards past the other.
            if (page.Value >= targets.Peek().Value)
                break;
            if (migration.Move(page, targets.Peek()))
            {
                targets.Pop();
                moved++;
            }
        }

        memory.Stat.Add(VmEvent.PgMigrateSuccess, moved);
        memory.Stat.Add(VmEvent.PgMigrateFail, pages.Count - moved);
        memory.Trace?.Emit(Tracepoint.CompactionMigratePages, moved, pages.Count - moved);
        while (targets.TryPop(out Pfn unused))
            Allocator.ReturnTaken(zone, unused);
        return moved;
    }

    // Takes free frames of the next movable pageblock from the end that has any; false if the scanners meet before.
    private bool CollectFree(CompactControl control)
    {
        while (freePfn > migratePfn)
        {
            uint start = Math.Max((freePfn - 1) / blockPages * blockPages, migratePfn);
            uint end = freePfn;
            bool suits = Allocator.PageblockTypeOf(new Pfn(start)) == MigrateType.Movable
                && Allocator.FreeBlockOrder(start) < Allocator.PageblockOrder;
            if (suits && CollectFreeIn(control, start, end))
                return true;
            freePfn = start;
        }

        return false;
    }

    private bool CollectFreeIn(CompactControl control, uint start, uint end)
    {
        int scanned = 0, isolated = 0;
        for (uint pfn = start; pfn < end && isolated < ClusterMax;)
        {
            scanned++;
            int order = Allocator.FreeBlockOrder(pfn);
            if (order < 0)
            {
                pfn++;
                continue;
            }

            if (Allocator.TakeFreeBlock(zone, pfn) < 0)
                break;
            for (uint i = 0; i < 1u << order; i++)
                targets.Push(new Pfn(pfn + i));
            isolated += 1 << order;
            pfn += 1u << order;
        }

        memory.Stat.Add(VmEvent.CompactFreeScanned, scanned);
        if (control.IsDaemon)
            memory.Stat.Add(VmEvent.CompactDaemonFreeScanned, scanned);
        memory.Stat.Add(VmEvent.CompactIsolated, isolated);
        return isolated > 0;
    }
}
