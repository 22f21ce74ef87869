using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Moving blocks between the zone and a per-CPU list, many under one hold of the zone lock.</summary>
internal sealed unsafe partial class BuddyAllocator
{
    /// <summary>Appends up to <paramref name="blocks"/> blocks to a per-CPU list.</summary>
    /// <remarks>Linux: mm/page_alloc.c: rmqueue_bulk, v6.18.</remarks>
    /// <returns>Whether there was at least one.</returns>
    public bool RmqueueBulk(PerCpuPages pcp, int order, int type, AllocFlags flags, int blocks)
    {
        ref FrameList list = ref pcp.Lists[PerCpuPages.ListIndex(order, type)];
        RmqueueMode mode = RmqueueMode.Normal;
        int taken = 0;
        for (; taken < blocks; taken++)
        {
            uint pfn = Rmqueue(order, type, flags, ref mode);
            if (pfn == 0)
                break;
            FrameState.SetPlace(frames + pfn, order, FramePlace.PerCpuList);
            list.AddTail(frames, pfn);
        }

        pcp.Count += taken << order;
        return taken != 0;
    }

    /// <summary>
    /// Returns about <paramref name="pages"/> pages, the coldest of every list in turn, from the given list on.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: free_pcppages_bulk, v6.18. The last block may exceed the number.</remarks>
    public void FreePcppagesBulk(PerCpuPages pcp, int pages, int firstList)
    {
        int left = Math.Min(pages, pcp.Count);
        for (int index = firstList; left > 0; index = index + 1 == PerCpuPages.ListCount ? 0 : index + 1)
        {
            ref FrameList list = ref pcp.Lists[index];
            int order = index / MigrateTypes.Count;
            while (left > 0 && list.Tail != 0)
            {
                uint pfn = list.Tail;
                list.Remove(frames, pfn);
                left -= 1 << order;
                pcp.Count -= 1 << order;
                FrameState.SetPlace(frames + pfn, order, FramePlace.Untouched);
                FreeOnePage(pfn, order, pageblocks.TypeOf(pfn), toTail: false);
            }
        }
    }
}
