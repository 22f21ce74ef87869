using System.Numerics;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Proofs.Search;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Proofs.Structures;

/// <summary>
/// The buddy system over up to sixteen frames: allocations of every order, and freeing of every block that is taken.
/// The order of the free lists is part of the state.
/// </summary>
/// <remarks>
/// The number of a state: 16 bits say where blocks begin, 16 which of them are free, and 4 bits each are the first
/// frames of the free blocks, order by order as the lists have them; unmerged buddies apart there are at most eight.
/// Checked after every operation: I01, I04, I05 and I06 of the frames; that an allocation fails only where no block is
/// large enough.
/// </remarks>
internal sealed unsafe class BuddySpace : IStateSpace
{
    private const uint First = 16;
    private const int Movable = (int)MigrateType.Movable;
    private readonly int maxOrder;
    private readonly uint frameCount;
    private readonly MemMap map;
    private readonly PageFrame[] loaded;
    private readonly FrameList[] loadedLists;
    private readonly Zone zone;
    private readonly VmStat stat = new();
    private readonly BuddyAllocator buddy;
    private readonly List<(uint Frame, int Order)> taken = [];
    private readonly uint[] freeHeads;
    private uint loadedFree;

    /// <summary>Of 2^<paramref name="maxOrder"/> frames.</summary>
    public BuddySpace(int maxOrder, Mutant mutant)
    {
        this.maxOrder = maxOrder;
        frameCount = 1u << maxOrder;
        uint end = First + frameCount;
        map = new MemMap(end);
        zone = new Zone(0, ZoneType.Dma, new Pfn(First), new Pfn(end), default, [0, 0, 0], [], maxOrder);
        buddy = new BuddyAllocator(map, new PageblockMap(end, 12, maxOrder), stat, zone, mutant);
        loaded = new PageFrame[frameCount];
        loadedLists = new FrameList[maxOrder + 1];
        freeHeads = new uint[maxOrder + 1];
    }

    /// <inheritdoc/>
    public ulong Start => 1 | (1UL << 16);

    private uint All => (uint)((1UL << (int)frameCount) - 1);

    private Span<PageFrame> Live => new(map.Frames + First, (int)frameCount);

    /// <inheritdoc/>
    public int Load(ulong state)
    {
        uint starts = (uint)state & 0xffff;
        uint free = (uint)(state >> 16) & 0xffff;
        taken.Clear();
        Live.Clear();
        Array.Clear(loadedLists);
        loadedFree = 0;
        for (uint left = starts; left != 0; left &= left - 1)
        {
            int frame = BitOperations.TrailingZeroCount(left);
            uint after = left & (left - 1);
            uint end = after == 0 ? frameCount : (uint)BitOperations.TrailingZeroCount(after);
            int order = BitOperations.Log2(end - (uint)frame);
            map.Frames[First + frame].Order = (byte)order;
            if ((free >> frame & 1) != 0)
                loadedFree |= MaskOf((uint)frame, order);
            else
                taken.Add(((uint)frame, order));
        }

        ulong heads = state >> 32;
        for (int left = BitOperations.PopCount(free); left > 0; left--, heads >>= 4)
        {
            uint pfn = First + (uint)(heads & 15);
            PageFrame* frame = map.Frames + pfn;
            frame->Place = FramePlace.BuddyHead;
            frame->MigrateType = Movable;
            loadedLists[frame->Order].AddTail(map.Frames, pfn);
        }

        foreach ((uint frame, _) in taken)
            map.Frames[First + frame].Order = 0;
        Live.CopyTo(loaded);
        return maxOrder + 1 + taken.Count;
    }

    /// <inheritdoc/>
    public ulong Do(int operation)
    {
        Restore();
        long counted = stat[VmEvent.NrFreePages];
        uint free = loadedFree;
        uint starts = 0;
        foreach ((uint frame, _) in taken)
            starts |= 1u << (int)frame;
        if (operation <= maxOrder)
        {
            uint pfn = buddy.RmqueueSmallest(operation, Movable);
            if ((pfn == 0) != !HasFree(operation))
                throw new KernelBug($"I06: an allocation of order {operation} gets frame {pfn}, free are 0x{free:x}");
            if (pfn != 0)
            {
                uint mask = Claim(pfn, operation, free);
                free &= ~mask;
                starts |= 1u << (int)(pfn - First);
            }
        }
        else
        {
            (uint frame, int order) = taken[operation - maxOrder - 1];
            buddy.FreeOnePage(First + frame, order, Movable, toTail: false);
            free |= MaskOf(frame, order);
            starts &= ~(1u << (int)frame);
        }

        if (stat[VmEvent.NrFreePages] - counted != zone.FreePages - BitOperations.PopCount(loadedFree))
            throw new KernelBug("I06: the zone and vmstat count differently");
        return Compare(free, starts);
    }

    /// <inheritdoc/>
    public string Describe(int operation)
    {
        if (operation <= maxOrder)
            return $"allocate order {operation}";
        (uint frame, int order) = taken[operation - maxOrder - 1];
        return $"free frame {frame} order {order}";
    }

    /// <inheritdoc/>
    public void Dispose() => map.Dispose();

    private void Restore()
    {
        loaded.CopyTo(Live);
        for (int order = 0; order <= maxOrder; order++)
            zone.Areas[order].Lists[Movable] = loadedLists[order];
        zone.FreePages = BitOperations.PopCount(loadedFree);
    }

    private bool HasFree(int order)
    {
        for (int larger = order; larger <= maxOrder; larger++)
        {
            if (loadedLists[larger].Head != 0)
                return true;
        }

        return false;
    }

    // What an allocation may get: a block of its order that was free.
    private uint Claim(uint pfn, int order, uint free)
    {
        bool isInside = pfn >= First && pfn + (1u << order) <= First + frameCount && (pfn & ((1u << order) - 1)) == 0;
        uint mask = isInside ? MaskOf(pfn - First, order) : 0;
        if (!isInside || (mask & ~free) != 0)
            throw new KernelBug($"I01: an allocation of order {order} gets frame {pfn}, free are 0x{free:x}");
        return mask;
    }

    // Compares the lists with the frames that must be free, and returns the state.
    private ulong Compare(uint free, uint starts)
    {
        Array.Clear(freeHeads);
        uint listed = 0;
        ulong heads = 0;
        int blocks = 0;
        for (int order = 0; order <= maxOrder; order++)
        {
            FrameList list = zone.Areas[order].Lists[Movable];
            uint before = 0;
            long count = 0;
            for (uint pfn = list.Head; pfn != 0; before = pfn, pfn = map.Frames[pfn].Next)
            {
                CheckHead(pfn, order, before);
                uint mask = MaskOf(pfn - First, order);
                if ((listed & mask) != 0)
                    throw new KernelBug($"I01: frame {pfn} of order {order} is listed twice");
                listed |= mask;
                freeHeads[order] |= 1u << (int)(pfn - First);
                heads |= (ulong)(pfn - First) << (4 * blocks++);
                count++;
            }

            if (list.Tail != before || list.Count != count)
                throw new KernelBug($"I06: a list of order {order} ends at {list.Tail} and counts {list.Count}");
        }

        if (listed != free || zone.FreePages != BitOperations.PopCount(free))
            throw new KernelBug($"I02: free are 0x{free:x}, listed 0x{listed:x}, counted {zone.FreePages}");
        uint allHeads = CheckMerged();
        CheckOthers(allHeads);
        return (starts | allHeads) | ((ulong)allHeads << 16) | (heads << 32);
    }

    private void CheckHead(uint pfn, int order, uint before)
    {
        bool isInside = pfn >= First && pfn + (1u << order) <= First + frameCount;
        if (!isInside || (pfn & ((1u << order) - 1)) != 0)
            throw new KernelBug($"I04: free block {pfn} of order {order} is unaligned or outside");
        ref PageFrame frame = ref map.Frames[pfn];
        if (frame.Place != FramePlace.BuddyHead || frame.Order != order || frame.MigrateType != Movable
            || frame.Prev != before)
            throw new KernelBug($"I04: block {pfn} on the list of order {order} is {frame.Place} of {frame.Order}");
    }

    // No two free buddies below the largest order.
    private uint CheckMerged()
    {
        uint all = 0;
        for (int order = 0; order <= maxOrder; order++)
        {
            for (uint left = freeHeads[order]; left != 0; left &= left - 1)
            {
                int frame = BitOperations.TrailingZeroCount(left);
                if (order < maxOrder && (freeHeads[order] >> (frame ^ (1 << order)) & 1) != 0)
                    throw new KernelBug($"I05: blocks {frame} and {frame ^ (1 << order)} of order {order} not merged");
            }

            all |= freeHeads[order];
        }

        return all;
    }

    // A frame that is not the first of a free block has none of the marks of one.
    private void CheckOthers(uint heads)
    {
        for (uint left = All & ~heads; left != 0; left &= left - 1)
        {
            ref PageFrame frame = ref map.Frames[First + (uint)BitOperations.TrailingZeroCount(left)];
            if (frame.Place != FramePlace.Untouched || frame.Order != 0)
                throw new KernelBug($"I04: a frame that begins no free block is {frame.Place} of order {frame.Order}");
        }
    }

    private static uint MaskOf(uint frame, int order) => (uint)((1UL << (1 << order)) - 1) << (int)frame;
}
