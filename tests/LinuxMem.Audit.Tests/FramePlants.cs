using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>Planted bugs of frames, the buddy allocator and reference counts.</summary>
internal static class FramePlants
{
    public static IReadOnlyList<Plant> All { get; } =
    [
        new("the kernel's frame is tagged as a gather's", "I01",
            s => s.First(FramePlace.Kernel).Place = FramePlace.Isolated,
            Busy: true),
        new("a page is in the cache at two places", "I01", s => s.CachePages.Add(s.CachePages[0] with { Index = 99 })),
        new("a frame is on two per-CPU lists", "I01 I30", s =>
        {
            s.PcpPages.Add(s.PcpPages[0]);
            s.PcpLists[0].CountCounter++;
        }),
        new("a poisoned frame is mapped", "I01 I09 I26 I28",
            s => s.FrameOf(s.Pte(1, SampleMachine.Data).Pfn).Place = FramePlace.Poisoned),
        new("a page of the cache is not in the cache", "I01 I10", s => s.CachePages.RemoveAt(0)),
        new("a free page is tagged as its block's inside", "I01",
            s => s.First(FramePlace.PerCpuList).Place = FramePlace.Untouched),
        new("an isolated frame is held by no gather", "I01", s => s.Parked.Clear(), Busy: true),
        new("an isolated frame is held by a disk", "", s =>
        {
            s.Parked.Clear();
            s.First(FramePlace.Isolated).Flags |= FrameFlags.Locked;
        }, Busy: true),
        new("an isolated frame is held by a pipe", "I10", s =>
        {
            s.Lent.Add(new LentFrameRecord { Pfn = s.Parked[0].Pfn });
            s.Parked.Clear();
            s.First(FramePlace.File).ExtraRefs++;
        }, Busy: true),
        new("a page that a pipe has is not counted as its", "I10",
            s => s.Lent.Add(new LentFrameRecord { Pfn = s.First(FramePlace.File).Pfn })),
        new("a private page is neither mapped nor held", "I01 I10 I12 I21 I24 I26", UnmapHalfway),

        new("a frame is lost", "I02", s => Remove(s, FramePlace.Kernel)),
        new("RAM has grown by itself", "I02", s => s.InitialFrames--),
        new("a block is freed with the order one less", "I02 I30", Shrink),

        new("a free page is mapped", "I03", s => MapInstead(s, s.First(FramePlace.PerCpuList).Pfn)),
        new("the inside of a free block is mapped", "I03", s => MapInstead(s, (uint)s.TotalFrames - 1)),
        new("a page table is in a free frame", "I01 I03 I10 I24",
            s => s.Tables[2].Pfn = s.First(FramePlace.BuddyHead).Pfn),
        new("a free page is in the cache", "I03", s => s.CachePages.Add(
            new CachePageRecord { MappingId = 1, Index = 50, Pfn = s.First(FramePlace.PerCpuList).Pfn })),
        new("a frame was freed under the gather", "I03", s => s.Parked.Add(
            new ParkedFrameRecord { MmId = 1, Gen = 6, Pfn = (uint)s.TotalFrames - 1 }), Busy: true),
        new("a free page is in a pipe", "I03",
            s => s.Lent.Add(new LentFrameRecord { Pfn = s.First(FramePlace.PerCpuList).Pfn })),

        new("a head says another order", "I04", s => s.First(FramePlace.BuddyHead).Order++),
        new("a block is on the list of another zone", "I04", s => MoveBlock(s, b => b with { ZoneIndex = 0 })),
        new("a block is on a list of an order that is too high", "I02 I04 I06 I30",
            s => s.FreeBlocks.Items[^1].Order = 11),
        new("a block is not aligned", "I01 I04", MisalignBlock),
        new("a block lies inside another", "I02 I04 I30", Overlap),

        new("two buddies are not merged", "I05", Split),

        new("a counter of a free list is off", "I06", s => s.FreeCounters[0].Count++),
        new("the count of free pages is off", "I06", s => s.Zones[1].NrFreeCounter--),

        new("the count of a per-CPU list is off", "I07", s => s.PcpLists[1].CountCounter++),
        new("a per-CPU list is too long", "I07", s => s.PcpLists[0].High = -2),
        new("a per-CPU page is of another zone", "I07", s =>
        {
            s.PcpLists[0].ZoneIndex = 1;
            foreach (ref PcpPageRecord page in s.PcpPages.Items[..3])
                page.ZoneIndex = 1;
        }),
        new("a page is on a list of a CPU that is not there", "I07", s =>
        {
            s.PcpPages[0].Cpu = 17;
            s.PcpLists[0].CountCounter--;
        }),

        new("a free page has a reference", "I08", s => s.First(FramePlace.PerCpuList).RefCount = 1),
        new("a free page has a mapcount", "I08", s => s.First(FramePlace.BuddyHead).MapCount = 1),
        new("a free page kept a flag", "I08", s => s.First(FramePlace.PerCpuList).Flags = FrameFlags.AnonExclusive),

        new("a frame with a memory error is still in use", "I09",
            s => s.First(FramePlace.Anon).Flags |= FrameFlags.HwPoison),
        new("a frame that had a memory error is free again", "I09", s => s.Struck.Add(s.FreeBlocks[0].Pfn)),
        new("the count of poisoned frames is off", "I09", s => s.Engine.PoisonedFrames = 3),

        new("a reference was dropped once too often", "I10", s => s.First(FramePlace.Anon).RefCount--),
        new("a reference leaked", "I10", s => AddReference(ref s.First(FramePlace.Shmem))),
        new("the cache holds a page without a reference", "I10", s => DropReference(ref s.First(FramePlace.File))),
        new("a page that came back from swap keeps its slot", "", s => AddReference(ref BackFromSwap(s))),
        new("the swap cache holds a mapped page without a reference", "I10", s => BackFromSwap(s)),

        new("fork forgot a mapcount", "I11", s => s.FrameOf(s.Pte(1, CowVa).Pfn).MapCount--),
        new("the zero page is counted as mapped", "I11", s => s.FrameOf(SampleMachine.ZeroPagePfn).MapCount++),
    ];

    private static ulong CowVa => SampleMachine.Data + (8 * 0x1000);

    private static void AddReference(ref FrameRecord frame)
    {
        frame.RefCount++;
        frame.ExtraRefs++;
    }

    private static void DropReference(ref FrameRecord frame)
    {
        frame.RefCount--;
        frame.ExtraRefs--;
    }

    /// <summary>A mapped page gets a slot in the swap cache that no entry names; its reference is left to do.</summary>
    private static ref FrameRecord BackFromSwap(MachineSnapshot s)
    {
        ref FrameRecord frame = ref s.First(FramePlace.Anon);
        frame.Flags |= FrameFlags.SwapCached;
        s.SwapSlots.Add(new SwapSlotRecord { Slot = 3, IsCached = true, Pfn = frame.Pfn });
        s.SwapFree--;
        return ref frame;
    }

    private static void Remove(MachineSnapshot s, FramePlace place)
    {
        for (int i = 2; i < s.Frames.Count; i++)
        {
            if (s.Frames[i].Place != place)
                continue;
            s.Frames.RemoveAt(i);
            return;
        }
    }

    /// <summary>The stack's page is zapped, but its frame not let go, and the kernel forgets to count.</summary>
    private static void UnmapHalfway(MachineSnapshot s)
    {
        for (int i = 0; i < s.Ptes.Count; i++)
        {
            if (s.Ptes[i].Va != SampleMachine.NoAccess || s.Ptes[i].MmId != 2)
                continue;
            ref FrameRecord frame = ref s.FrameOf(s.Ptes[i].Pfn);
            frame.MapCount = 0;
            AddReference(ref frame);
            frame.RefCount--;
            s.Ptes.RemoveAt(i);
            s.Mms[1].MapCountCounter++;
            return;
        }
    }

    private static void MapInstead(MachineSnapshot s, uint pfn)
    {
        ref PteRecord pte = ref s.Pte(2, SampleMachine.Data + 0x9000);
        pte.Pfn = pfn;
        s.DropTlbEntry(1, pte.Va);
    }

    private static void Shrink(MachineSnapshot s)
    {
        int at = s.IndexOfBlock(2, 9);
        FreeBlockRecord old = s.FreeBlocks[at];
        s.Count(old, -1);
        s.FreeBlocks[at].Order--;
        s.FrameOf(old.Pfn).Order--;
        s.Count(s.FreeBlocks[at], 1);
        s.Zones[old.ZoneIndex].NrFreeCounter -= 1L << (old.Order - 1);
    }

    private static void Insert(MachineSnapshot s, FreeBlockRecord block)
    {
        int at = 0;
        while (at < s.Frames.Count && s.Frames[at].Pfn < block.Pfn)
            at++;
        s.Frames.InsertAt(
            at, new FrameRecord { Pfn = block.Pfn, Place = FramePlace.BuddyHead, Order = (byte)block.Order });
        s.FreeBlocks.Add(block);
        s.Count(block, 1);
        s.Zones[block.ZoneIndex].NrFreeCounter += 1L << block.Order;
    }

    private static void MoveBlock(MachineSnapshot s, Func<FreeBlockRecord, FreeBlockRecord> change)
    {
        ref FreeBlockRecord block = ref s.FreeBlocks.Items[^1];
        s.Count(block, -1);
        s.Zones[block.ZoneIndex].NrFreeCounter -= 1L << block.Order;
        block = change(block);
        s.Count(block, 1);
        s.Zones[block.ZoneIndex].NrFreeCounter += 1L << block.Order;
    }

    private static void MisalignBlock(MachineSnapshot s)
    {
        int at = s.IndexOfBlock(1, 9);
        s.FreeBlocks[at].Pfn++;
    }

    private static void Overlap(MachineSnapshot s)
    {
        int at = s.IndexOfBlock(3);
        Insert(s, s.FreeBlocks[at] with { Order = 0, Pfn = s.FreeBlocks[at].Pfn + 4 });
    }

    private static void Split(MachineSnapshot s)
    {
        FreeBlockRecord old = s.FreeBlocks[s.IndexOfBlock(2, 9)];
        Shrink(s);
        Insert(s, old with { Order = old.Order - 1, Pfn = old.Pfn + (1u << (old.Order - 1)) });
    }
}
