using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Reclaim;

/// <summary>Walks through the page tables of processes, for a policy that wants to.</summary>
/// <remarks>Linux: mm/vmscan.c: swap_out_process, swap_out_vma, v2.0. A process is an address space here.</remarks>
public sealed class ProcessWalk : IProcessWalk
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly MmLifecycle lifecycle;
    private readonly PteFormat format;
    private readonly List<(Mm Mm, MmuGather Gather)> gathers = [];
    private (Mm Mm, PteSlot Slot, ulong Va, ulong Entry) last;

    /// <summary>Over the processes of a machine.</summary>
    public ProcessWalk(KernelMemory memory, PageMapper mapper, MmLifecycle lifecycle)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.lifecycle = lifecycle;
        format = memory.Geometry.Format;
    }

    /// <summary>When it walks: the moment of the changes that it makes.</summary>
    public long NowNs { get; set; }

    /// <inheritdoc/>
    public int Count => lifecycle.Live.Count;

    /// <inheritdoc/>
    public IWalkedProcess? NextAfter(int id)
    {
        foreach (Mm mm in lifecycle.Live)
        {
            if (mm.Id > id && mm.Rss > 0)
                return mm;
        }

        return null;
    }

    /// <inheritdoc/>
    public Pfn Next(IWalkedProcess process, out bool accessed)
    {
        var mm = (Mm)process;
        ulong va = mm.SwapAddress;
        for (Vma? vma = mm.Vmas.Tree.Find(va); vma is not null; vma = mm.Vmas.Tree.Next(vma))
        {
            if ((vma.Flags & VmFlags.Locked) != 0)
                continue;
            va = Math.Max(va, vma.Start);
            if (FindIn(mm, vma, ref va))
                return Found(mm, out accessed);
        }

        mm.SwapAddress = 0;
        accessed = false;
        return Pfn.None;
    }

    /// <inheritdoc/>
    public void Drop()
    {
        if (gathers.Count == 0 || gathers[^1].Mm != last.Mm)
        {
            last.Mm.UpdateHiwaterRss();
            gathers.Add((last.Mm, memory.Coherence.Begin(last.Mm)));
        }

        MmuGather gather = gathers[^1].Gather;
        mapper.Release(last.Mm, last.Entry, gather);
        mapper.Set(last.Mm, last.Slot, last.Va, 0, new TrapPoint(-1, NowNs));
        gather.Touch(last.Va >> memory.Geometry.PageShift);
    }

    /// <inheritdoc/>
    public void Finish()
    {
        foreach ((Mm mm, MmuGather gather) in gathers)
            memory.Coherence.Finish(mm, gather, -1, NowNs);
        gathers.Clear();
    }

    // The next entry of a VMA that maps a page, from an address on.
    private bool FindIn(Mm mm, Vma vma, ref ulong va)
    {
        while (va < vma.End)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, vma.End);
                continue;
            }

            for (; va < vma.End && slot.Index < memory.Tables.LeafEntries; slot = slot with { Index = slot.Index + 1 })
            {
                ulong entry = memory.Tables.Read(slot);
                ulong at = va;
                va += memory.Geometry.PageBytes;
                if (!mapper.IsMapped(entry) || mapper.PfnOf(entry) == memory.ZeroPage)
                    continue;
                last = (mm, slot, at, entry);
                mm.SwapAddress = va;
                return true;
            }
        }

        return false;
    }

    private Pfn Found(Mm mm, out bool accessed)
    {
        accessed = (last.Entry & format.Accessed) != 0;
        if (accessed)
        {
            last.Entry &= ~format.Accessed;
            mapper.Set(mm, last.Slot, last.Va, last.Entry, new TrapPoint(-1, NowNs));
        }

        return mapper.PfnOf(last.Entry);
    }
}
