using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.PageAlloc;

/// <content>
/// What compaction needs of the allocator: to look at free blocks where they lie, and to take them there.
/// </content>
public sealed unsafe partial class PageAllocator
{
    /// <summary>Frames of a pageblock.</summary>
    public uint PageblockPages => pageblocks.Pages;

    /// <summary>The order of the free block that starts at a frame; -1 if none does. Precondition: all free blocks are
    /// listed.</summary>
    public int FreeBlockOrder(uint pfn) => frames[pfn].Place == FramePlace.BuddyHead ? frames[pfn].Order : -1;

    /// <summary>
    /// Takes the free block at a frame out of the buddy system; the order, or -1 if the zone may not lose it: its min
    /// watermark has to stay. Its frames are to be used by <see cref="UseTaken"/> or returned by
    /// <see cref="ReturnTaken"/>, one by one.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: __isolate_free_page, v6.18.</remarks>
    public int TakeFreeBlock(Zone zone, uint pfn)
    {
        int order = FreeBlockOrder(pfn);
        KernelBug.Assert(order >= 0, $"I06 violated: no free block starts at frame 0x{pfn:x}");
        if (!zone.WatermarkOk(0, zone.Watermarks.MinPages + (1L << order), zone.Type, AllocFlags.WmarkMin))
            return -1;
        buddies[zone.Index].TakeBlock(pfn);
        return order;
    }

    /// <summary>Makes a frame of a block that was taken one in use, with one reference.</summary>
    public void UseTaken(Pfn pfn, FramePlace place)
    {
        stat.Add(VmEvent.PgAllocDma + (int)ZoneOf(pfn).Type);
        FrameState.PrepareNew(frames, pfn.Value, order: 0, place);
    }

    /// <summary>Gives a frame of a block that was taken back.</summary>
    public void ReturnTaken(Zone zone, Pfn pfn) =>
        buddies[zone.Index].FreeOnePage(pfn.Value, 0, pageblocks.TypeOf(pfn.Value), toTail: false);
}
