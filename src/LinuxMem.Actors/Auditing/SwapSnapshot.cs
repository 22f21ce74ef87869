using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit what swap holds.</summary>
internal static class SwapSnapshot
{
    /// <summary>Adds the slots that are in use. Precondition: the owner was asked for them.</summary>
    public static void Fill(Mm.Kernel kernel, MachineSnapshot into)
    {
        KernelMemory memory = kernel.Memory;
        SwapOperations swap = memory.Swap;
        into.SwapTotal = swap.TotalSlots;
        into.SwapFree = swap.FreeSlots;
        const PageFlags busy = PageFlags.Dirty | PageFlags.Locked | PageFlags.Writeback;
        foreach (SwapSlotUse use in swap.Exchange.Exported)
        {
            bool isCached = !use.Page.IsNone;
            PageFrame frame = isCached ? memory.Map[use.Page] : default;
            bool isClean = isCached && frame.MapCount == 0 && frame.RefCount == 1 && (frame.Flags & busy) == 0
                && (frame.Flags & PageFlags.Uptodate) != 0;
            into.SwapSlots.Add(new SwapSlotRecord
            {
                Area = use.Entry.Area,
                Slot = use.Entry.Slot,
                Count = use.Count,
                IsCached = use.IsCached,
                Pfn = use.Page.Value,
                IsClean = isClean,
                HoldsTheSame = isClean && swap.Store.Holds(use.Entry, use.Page),
            });
        }

        // What shared memory has in swap counts like entries of nobody's page tables.
        foreach (AddressSpace mapping in kernel.Objects.All)
        {
            foreach ((uint index, SwapEntry entry) in mapping.Swapped ?? [])
            {
                into.SwapPtes.Add(new SwapPteRecord
                {
                    MappingId = mapping.Id,
                    Va = index,
                    Area = entry.Area,
                    Slot = entry.Slot,
                });
            }
        }
    }
}
