using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Rmap;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Locks;

/// <content>
/// The locks below the address spaces: zones, lists, tables, files, swap, devices; and memory itself.
/// </content>
public sealed partial class LockModel
{
    private const int ZoneCount = (int)ZoneType.Normal + 1;
    private const int FolioBatch = 31; // PAGEVEC_SIZE
    private const int PcpBatch = 63; // pcp->batch of a zone of 1 GiB and more

    /// <summary>
    /// A frame was taken from the allocator: under the zone's lock if the CPU's list was empty. The hold is the
    /// caller's to count.
    /// </summary>
    public void Allocated(Zone? zone, AllocCost taken, in WorkCost cost)
    {
        if (inTrap && taken.ZoneLockTaken && zone is not null)
            Pass(LockClass.Zone, (long)zone.Type, zones[(int)zone.Type], NowNs(cost), costs.ZoneLockNs);
    }

    /// <summary>A frame will join the LRU lists, with thirty others of this CPU.</summary>
    /// <remarks>Linux: mm/swap.c: folio_batch_move_lru, v6.18.</remarks>
    public void JoinsLru(in WorkCost cost)
    {
        if (!inTrap || ++lruBatch[cpu] < FolioBatch)
            return;
        lruBatch[cpu] = 0;
        Pass(LockClass.Lru, 0, lru, NowNs(cost), settings.LruBatchNs);
    }

    /// <summary>
    /// A frame lost a mapping and is on its way to the free lists: off the LRU lists by batches, to the zone when the
    /// CPU's list is full.
    /// </summary>
    /// <remarks>Linux: mm/swap.c: folios_put_refs; mm/page_alloc.c: free_unref_folios, v6.18.</remarks>
    public void Unmapped(Zone zone, in WorkCost cost)
    {
        if (!inTrap)
            return;
        int freed = ++freeBatch[cpu];
        if (freed % FolioBatch == 0)
            Pass(LockClass.Lru, 0, lru, NowNs(cost), settings.LruBatchNs);
        if (freed < PcpBatch)
            return;
        freeBatch[cpu] = 0;
        Pass(LockClass.Zone, (long)zone.Type, zones[(int)zone.Type], NowNs(cost), costs.ZoneLockNs);
    }

    /// <summary>Pages are zeroed (once) or copied (twice): the socket's memory may be busy.</summary>
    public void Moves(int pageTransfers, in WorkCost cost)
    {
        if (!inTrap || trafficNs == 0)
            return;
        int socket = Math.Min(cpu / settings.SocketCpus, sockets.Length - 1);
        Pass(LockClass.Memory, socket, sockets[socket], NowNs(cost), trafficNs * pageTransfers);
    }

    /// <summary>An entry of a table was set, in an address space that others use.</summary>
    public void SetsEntry(Mm mm, uint table, in WorkCost cost)
    {
        if (inTrap && mm.IsShared)
            PassTable(table, NowNs(cost), settings.PageTableNs);
    }

    /// <summary>
    /// A table's entries will be worked on under its lock. The moment from which on it is held, for
    /// <see cref="LetTableGo"/>; -1 if nobody else could want it.
    /// </summary>
    public long TakeTable(Mm mm, uint table, in WorkCost cost)
    {
        if (!inTrap || !mm.IsShared)
            return -1;
        order.Pass(LockClass.PageTable);
        long askedNs = NowNs(cost);
        long grantNs = tables.Take(table, askedNs);
        Got(LockClass.PageTable, table, true, askedNs, grantNs, default);
        return grantNs;
    }

    /// <summary>That work is done.</summary>
    public void LetTableGo(uint table, long lockedNs, in WorkCost cost)
    {
        if (lockedNs < 0)
            return;
        long nowNs = NowNs(cost);
        tables.Hold(table, lockedNs, nowNs);
        Statistics.Held(LockClass.PageTable, nowNs - lockedNs);
    }

    /// <summary>A VMA is tied to a family of anonymous pages, or leaves it.</summary>
    /// <remarks>Linux: mm/rmap.c: anon_vma_clone, anon_vma_fork, unlink_anon_vmas, v6.18.</remarks>
    public void LinksAnonVma(AnonVma family, in WorkCost cost)
    {
        if (inTrap)
            Pass(LockClass.AnonVma, family.Root.Id, family.Root.Busy, NowNs(cost), settings.AnonVmaNs);
    }

    /// <summary>A page enters or leaves a file's tree.</summary>
    public void ChangesPageCache(Filemap.AddressSpace mapping)
    {
        if (inTrap)
            Pass(LockClass.PageCache, mapping.Id, mapping.Busy, SoFarNs, settings.PageCacheNs);
    }

    /// <summary>A slot of swap is given up, or gets another user.</summary>
    public void ChangesSwap()
    {
        if (inTrap)
            Pass(LockClass.Swap, 0, swap, SoFarNs, settings.SwapNs);
    }

    /// <summary>An I/O is handed to a device's queue.</summary>
    public void Submits(int device)
    {
        if (inTrap)
            Pass(LockClass.DeviceQueue, device, queues[device], SoFarNs, settings.QueueNs);
    }

    // Where the work done so far is not at hand, the moment last known serves.
    private long SoFarNs => Math.Max(Math.Max(lastNs, gotNs), atNs + owedNs);

    private void PassTable(uint table, long askedNs, long holdNs)
    {
        order.Pass(LockClass.PageTable);
        long grantNs = tables.Take(table, askedNs, holdNs);
        Got(LockClass.PageTable, table, true, askedNs, grantNs, default);
        Statistics.Held(LockClass.PageTable, holdNs);
    }
}
