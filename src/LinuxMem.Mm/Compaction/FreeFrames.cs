using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Compaction;

/// <summary>Finds free frames to move pages to, one after the other from the start of a zone.</summary>
/// <param name="memory">The machine's memory.</param>
internal sealed class FreeFrames(KernelMemory memory)
{
    private uint next;

    /// <summary>
    /// Takes a free frame off its list; none if the zone has none that it may lose (its min watermark has to stay).
    /// </summary>
    /// <param name="zone">Where.</param>
    /// <param name="first">The first of frames that it must not be.</param>
    /// <param name="end">The one behind the last of them.</param>
    public Pfn Take(Zone zone, uint first, uint end)
    {
        PageAllocator allocator = memory.Allocator;
        if (!zone.WatermarkOk(0, zone.Watermarks.MinPages + 1, zone.Type, AllocFlags.WmarkMin))
            return Pfn.None;
        allocator.DrainAll();
        allocator.ListAllFreeBlocks();
        for (uint pfn = Math.Max(next, zone.StartPfn.Value); pfn < zone.EndPfn.Value;)
        {
            int order = allocator.FreeBlockOrder(pfn);
            if (order < 0)
            {
                pfn++;
                continue;
            }

            bool isSpared = pfn < end && pfn + (1u << order) > first;
            if (!isSpared && allocator.TakePageOff(new Pfn(pfn)))
            {
                next = pfn + 1;
                return new Pfn(pfn);
            }

            pfn += 1u << order;
        }

        return Pfn.None;
    }
}
