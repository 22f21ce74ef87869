using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>The descriptors of a block's frames as it goes in and out of use, and what must hold then.</summary>
internal static unsafe class FrameState
{
    private const PageFlags CheckedAtFree = PageFlags.Lru | PageFlags.Locked | PageFlags.Writeback | PageFlags.Active
        | PageFlags.Unevictable | PageFlags.Reserved;

    /// <summary>Puts all frames of a block into a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetPlace(PageFrame* head, int order, FramePlace place)
    {
        bool free = place == FramePlace.Untouched;
        head->Place = place;
        head->Order = free ? (byte)0 : (byte)order;
        for (uint i = 1; i < 1u << order; i++)
        {
            head[i].Place = place;
            head[i].Order = free ? (byte)0 : PageFrame.TailOrder;
        }
    }

    /// <summary>Makes a free block one in use, with one reference (I08).</summary>
    /// <remarks>Linux: mm/page_alloc.c: check_new_pages, prep_new_page, v6.18.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrepareNew(PageFrame* frames, uint pfn, int order, FramePlace place)
    {
        PageFrame* head = frames + pfn;
        PrepareNewFrame(head, pfn, order, place);
        for (uint i = 1; i < 1u << order; i++)
            PrepareNewFrame(head + i, pfn + i, PageFrame.TailOrder, place);
        head->RefCount = 1;
    }

    /// <summary>
    /// Checks that a block may be freed (I01, I03), and wipes what its owner wrote into the descriptors.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: free_pages_prepare, page_expected_state, v6.18.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrepareFree(PageFrame* frames, uint pfn, int order)
    {
        PageFrame* head = frames + pfn;
        if (head->Order != order)
            ThrowBadFree(head, pfn, order);
        PrepareFreeFrame(head, pfn, order);
        for (uint i = 1; i < 1u << order; i++)
        {
            if (head[i].Order != PageFrame.TailOrder)
                ThrowBadFree(head + i, pfn + i, order);
            PrepareFreeFrame(head + i, pfn + i, order);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrepareNewFrame(PageFrame* frame, uint pfn, int orderMark, FramePlace place)
    {
        bool wasFree = frame->Place is FramePlace.PerCpuList or FramePlace.Untouched;
        if (!wasFree || (frame->RefCount | frame->MapCount | (int)frame->Flags) != 0)
            ThrowBadNew(frame, pfn);
        frame->Place = place;
        frame->Order = (byte)orderMark;
        frame->Generation++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrepareFreeFrame(PageFrame* frame, uint pfn, int order)
    {
        bool inUse = frame->Place is >= FramePlace.PageTable and <= FramePlace.Isolated;
        if (!inUse || (frame->RefCount | frame->MapCount | (int)(frame->Flags & CheckedAtFree)) != 0)
            ThrowBadFree(frame, pfn, order);
        frame->Flags = PageFlags.None;
        frame->Owner = 0;
        frame->Index = 0;
        frame->Age = 0;
    }

    [DoesNotReturn]
    private static void ThrowBadNew(PageFrame* frame, uint pfn) => throw new KernelBug(
        $"I08: frame 0x{pfn:x} is allocated, but it is {frame->Place} with {frame->RefCount} references, "
        + $"{frame->MapCount} mappings, flags {frame->Flags}");

    [DoesNotReturn]
    private static void ThrowBadFree(PageFrame* frame, uint pfn, int order)
    {
        if (frame->Place is < FramePlace.PageTable or > FramePlace.Isolated)
            throw new KernelBug($"I01: frame 0x{pfn:x} is freed with order {order}, but it is {frame->Place}");
        if (frame->RefCount != 0 || frame->MapCount != 0 || (frame->Flags & CheckedAtFree) != 0)
        {
            throw new KernelBug(
                $"I03: frame 0x{pfn:x} ({frame->Place}) is freed, but has {frame->RefCount} references, "
                + $"{frame->MapCount} mappings, flags {frame->Flags}");
        }

        string was = frame->Order == PageFrame.TailOrder
            ? "lies inside a larger block"
            : $"was allocated with order {frame->Order}";
        throw new KernelBug($"I01: frame 0x{pfn:x} ({frame->Place}) is freed with order {order}, but {was}");
    }
}
