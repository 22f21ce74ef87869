using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Rmap;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Locks;

/// <content>What the kernel's own threads take: reclaim, writeback, compaction, ksmd; and readers of /proc.</content>
/// <remarks>
/// A step of such a thread takes no time of any CPU, but its locks are held one after the other from its moment on, so
/// that tasks wait for them.
/// </remarks>
public sealed partial class LockModel
{
    private const int ClusterPages = 32; // SWAP_CLUSTER_MAX
    private const int SmapsPageNs = 25; // what smaps counts of a page; assumed
    private readonly long[] stepEndNs = new long[-LockCall.Free + 1];

    /// <summary>A thread of the kernel begins a step.</summary>
    /// <param name="nowNs">When.</param>
    /// <param name="call">What for; see <see cref="LockCall"/>.</param>
    public void EnterStep(long nowNs, short call)
    {
        int tid = call switch
        {
            LockCall.Writeback => KernelThreads.Flusher,
            LockCall.Ksm => KernelThreads.Ksmd,
            LockCall.Free => KernelThreads.Rcu,
            _ => KernelThreads.Kswapd,
        };
        Enter(new TrapPoint(lruBatch.Length - 1, nowNs), tid, call);
        // The thread's last step may not be over by then, but it does not fall behind for ever.
        lastNs = Math.Max(nowNs, Math.Min(stepEndNs[-call], nowNs + costs.KernelStepNs));
    }

    /// <summary>The step is over.</summary>
    /// <exception cref="KernelBug">It still holds a lock.</exception>
    public void LeaveStep()
    {
        stepEndNs[-self.Call] = SoFarNs;
        Leave(0);
    }

    /// <summary>Pages are taken off the LRU lists, thirty-two under one hold, and what stays comes back so.</summary>
    /// <remarks>Linux: mm/vmscan.c: shrink_inactive_list, v6.18.</remarks>
    public void Isolates(int pages)
    {
        if (!inTrap)
            return;
        for (int left = pages; left > 0; left -= ClusterPages)
            Pass(LockClass.Lru, 0, lru, SoFarNs, settings.LruBatchNs);
    }

    /// <summary>Who maps an anonymous page is looked up.</summary>
    /// <remarks>Linux: mm/rmap.c: folio_lock_anon_vma_read, v6.18.</remarks>
    public void WalksRmap(AnonVma family)
    {
        if (inTrap)
            Pass(LockClass.AnonVma, family.Root.Id, family.Root.Busy, SoFarNs, settings.AnonVmaNs);
    }

    /// <summary>Who maps a page of a file is looked up, or a VMA is tied to the file or leaves it.</summary>
    /// <remarks>Linux: mm/rmap.c: __rmap_walk_file; mm/vma.c: vma_link_file, unlink_file_vma, v6.18.</remarks>
    public void WalksRmap(AddressSpace mapping)
    {
        if (inTrap)
            Pass(LockClass.IMmap, mapping.Id, mapping.MapBusy, SoFarNs, settings.AnonVmaNs);
    }

    /// <summary>An entry that maps a page is looked at or taken away.</summary>
    /// <remarks>Linux: mm/page_vma_mapped.c: page_vma_mapped_walk, v6.18.</remarks>
    public void ChecksEntry(Mm mm, Pfn table)
    {
        if (inTrap && mm.IsShared)
            PassTable(table.Value, SoFarNs, settings.PageTableNs);
    }

    /// <summary>A frame that TLBs have forgotten goes to a per-CPU list, and from a full one to its zone.</summary>
    public void Frees(Zone zone)
    {
        if (!inTrap || ++freeBatch[cpu] < PcpBatch)
            return;
        freeBatch[cpu] = 0;
        Pass(LockClass.Zone, (long)zone.Type, zones[(int)zone.Type], SoFarNs, costs.ZoneLockNs);
    }

    /// <summary>Somebody outside reads what an address space maps, under its mmap_lock.</summary>
    /// <remarks>
    /// Linux: fs/proc/task_mmu.c: m_start of smaps, pagemap_read; mm/ksm.c: scan_get_next_rmap_item, v6.18. maps does
    /// without the lock there.
    /// </remarks>
    /// <param name="mm">The address space.</param>
    /// <param name="pages">Pages that are looked at meanwhile.</param>
    public void ReadsSpace(Mm mm, long pages)
    {
        if (!inTrap)
            return;
        mm.IsVisited = true;
        long holdNs = costs.VmaNs + (pages * SmapsPageNs);
        long askedNs = SoFarNs;
        order.Pass(LockClass.MmapLock);
        long grantNs = mm.MmapLock.GrantRead(askedNs, out LockHolder blocker);
        if (grantNs > askedNs)
            grantNs += settings.WakeNs;
        Got(LockClass.MmapLock, mm.Id, false, askedNs, grantNs, blocker);
        lastNs = grantNs + holdNs;
        mm.MmapLock.HeldRead(lastNs, self);
        Statistics.Held(LockClass.MmapLock, holdNs);
        PlanWake(mm);
    }
}
