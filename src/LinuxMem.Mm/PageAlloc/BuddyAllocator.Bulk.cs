using System.Numerics;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Moving blocks between the zone and a per-CPU list, many under one hold of the zone lock.</summary>
internal sealed unsafe partial class BuddyAllocator
{
    /// <summary>The most frames that are freed as one: no more than a pageblock, whose frames have one type.</summary>
    private const uint RunMax = 1u << 9;

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

        pcp.Count += mutant == Mutant.M110 ? taken : taken << order;
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
            while (order == 0 && left > 0 && list.Tail != 0)
                left -= FreeRun(pcp, ref list, left);
            while (left > 0 && list.Tail != 0)
            {
                uint pfn = list.Tail;
                list.Remove(frames, pfn);
                left -= 1 << order;
                pcp.Count -= mutant == Mutant.M133 ? 2 << order : 1 << order;
                FrameState.SetPlace(frames + pfn, order, FramePlace.Untouched);
                FreeOnePage(pfn, order, pageblocks.TypeOf(pfn), toTail: false);
            }
        }
    }

    /// <summary>
    /// Frees the last frames of a list: as many as follow one another and make a whole block. Freed one by one they
    /// would merge into that block, and nothing else would change. Returns how many, at least one.
    /// </summary>
    private int FreeRun(PerCpuPages pcp, ref FrameList list, int most)
    {
        uint first = list.Tail;
        int limit = (int)Math.Min((uint)most, Math.Min(first & (~first + 1), RunMax));
        int length = 1;
        while (length < limit && frames[first + (uint)length - 1].Prev == first + (uint)length)
            length++;
        int order = BitOperations.Log2((uint)length);
        length = 1 << order;
        list.RemoveTail(frames, first + (uint)length - 1, length);
        pcp.Count -= length;
        for (uint pfn = first; pfn < first + (uint)length; pfn++)
        {
            PageFrame* frame = frames + pfn;
            frame->Next = 0;
            frame->Prev = 0;
            FrameState.SetPlace(frame, order: 0, FramePlace.Untouched);
        }

        FreeOnePage(first, order, pageblocks.TypeOf(first), toTail: false);
        return length;
    }
}
