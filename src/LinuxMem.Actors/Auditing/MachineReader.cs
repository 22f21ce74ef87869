using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Audit.Oracle;
using LinuxMem.Mm;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Auditing;

/// <summary>
/// Follows page tables, swap and the page cache to what the machine holds, between two of the kernel's steps.
/// </summary>
internal sealed class MachineReader : IContentReader
{
    private readonly Mm.Kernel kernel;
    private readonly KernelMemory memory;
    private readonly PteFormat format;
    private readonly Dictionary<int, Mm.Mm> spaces = [];
    private readonly Dictionary<(int Mapping, uint Index), Pfn> cached = [];
    private readonly Dictionary<SwapEntry, Pfn> swapCached = [];

    /// <summary>Of one machine.</summary>
    public MachineReader(Mm.Kernel kernel)
    {
        this.kernel = kernel;
        memory = kernel.Memory;
        format = memory.Geometry.Format;
    }

    /// <summary>Takes in where things are now.</summary>
    public void Begin(List<PageInsert> pages)
    {
        spaces.Clear();
        foreach (Mm.Mm mm in kernel.Lifecycle.Live)
            spaces.Add(mm.Id, mm);
        // Of a victim of the OOM killer only what others share is still promised.
        foreach (ThreadGroup group in kernel.Tasks.Groups)
        {
            if (!group.IsReaped)
                continue;
            foreach (TaskStruct task in group.Tasks)
                spaces.Remove(task.Mm.Id);
        }

        cached.Clear();
        foreach (PageInsert page in pages)
            cached[(page.MappingId, page.Index)] = page.Page;
        swapCached.Clear();
        foreach (SwapSlotUse use in memory.Swap.Exchange.Exported)
        {
            if (!use.Page.IsNone)
                swapCached[use.Entry] = use.Page;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(int mmId, ulong va, out ulong value)
    {
        value = 0;
        if (!spaces.TryGetValue(mmId, out Mm.Mm? mm))
            return false;
        PteSlot slot = memory.Tables.Find(mm, va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        int offset = (int)(va & memory.Geometry.PageOffsetMask);
        if ((entry & (format.Present | format.ProtNone)) != 0)
            return TryFrame(new Pfn(format.PfnOf(entry)), offset, out value);
        if (format.IsSwap(entry))
            return TrySlot(SwapPte.EntryOf(format, entry), offset, out value);
        // Nothing is there: the next access would find zeros.
        return entry == 0;
    }

    /// <inheritdoc/>
    public bool TryReadObject(int objectId, ulong offset, out ulong value)
    {
        value = 0;
        uint index = (uint)(offset >> memory.Geometry.PageShift);
        int within = (int)(offset & memory.Geometry.PageOffsetMask);
        if (kernel.Objects.ById(objectId) is not { Host: { } inode } mapping || kernel.IsLost(objectId, index)
            || kernel.Buffers is not null || index >= mapping.EndIndex)
            return false;
        if (cached.TryGetValue((objectId, index), out Pfn page))
            return TryFrame(page, within, out value);
        if (mapping.Swapped is { } swapped && swapped.TryGetValue(index, out SwapEntry entry))
            return TrySlot(entry, within, out value);
        if (mapping.IsShmem)
            return true;
        value = memory.Ram.Contents == ContentMode.Tags
            ? inode.Store.ReadTag(index) : inode.Store.ReadWord(index, within);
        return true;
    }

    private bool TrySlot(SwapEntry entry, int offset, out ulong value)
    {
        if (swapCached.TryGetValue(entry, out Pfn page))
            return TryFrame(page, offset, out value);
        value = memory.Swap.Store.ReadWord(entry, offset);
        return true;
    }

    private bool TryFrame(Pfn page, int offset, out ulong value)
    {
        value = memory.Ram.ReadWord(page, offset);
        return memory.Io?.ReadErrors.Has(page) != true;
    }
}
