using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>Planted bugs of what happens when memory is short: lists, dirty pages, counters, marks, kills.</summary>
internal static class PressurePlants
{
    private const ulong Data = SampleMachine.Data;
    private const ulong SharedAt = SampleMachine.SharedAt;

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("a page of an object is mapped as a private one", "I13", MapObjectsPage),

        new("a store would set no dirty bit", "I20", s => s.Pte(1, Data).Bits &= ~PteBits.Dirty),
        new("a stack grew into its guard gap", "I25", s => Below(s).End = Below(s).Start + MoveBelow(s, 255)),
        new("a stack grew up to its guard gap", "", s => Below(s).End = Below(s).Start + MoveBelow(s, 256)),
        new("a mapping was put into the gap later", "", s =>
        {
            Below(s).End = Below(s).Start + MoveBelow(s, 1);
            Stack(s).BelowStayed = false;
        }),

        new("a page is behind the end of its file", "I35", s =>
        {
            s.Engine.Quiescent = true;
            s.Objects[0].EndIndex = 1;
        }),
        new("munmap left a promise behind", "I27", s => s.Counters.Committed++),
        new("a private mapping was made writable without a promise", "I27", s => s.Counters.Committed -= Unpromise(s)),
        new("an object's promise was forgotten", "I27", s => s.Objects[1].CommittedPages = 0),

        new("a page is on no list", "I28", s => s.LruPages.Items[^1] = s.LruPages[0]),
        new("a list counts a page too many", "I28", s => s.LruCounters[3].Count++),
        new("a page is on the list of the other kind", "I28",
            s => s.First(FramePlace.File).Flags |= FrameFlags.SwapBacked),
        new("a page on its way out is on a list", "I28",
            s => s.First(FramePlace.SwapCache).Flags |= FrameFlags.Reclaim),
        new("a page says that it is on a list and is not", "I28",
            s => s.First(FramePlace.Kernel).Flags |= FrameFlags.Lru),
        new("a locked page may leave", "I28", s =>
        {
            foreach (ref LruPageRecord page in s.LruPages.Items)
                page.List = page.List == LruList.Unevictable ? LruList.InactiveAnon : page.List;
            s.LruCounters[0].Count++;
            s.Counters.Unevictable--;
        }),
        new("the count of pages that may not leave is off", "I28", s => s.Counters.Unevictable++),
        new("the count of locked pages is off", "I28", s => s.Counters.Locked++),
        new("a page has a lock that no mapping has", "I28", s =>
        {
            s.First(FramePlace.Anon).MlockCount = 1;
            s.Counters.Locked++;
        }),
        new("a locked mapping has a page that may leave", "I28", LockMapping),

        new("the count of dirty pages is off", "I29", s => s.Counters.FileDirty++),
        new("the count of pages being written is off", "I29", s => s.Counters.Writeback++),
        new("a page stays in writeback after its I/O", "I29 I48", s =>
        {
            s.First(FramePlace.File).Flags |= FrameFlags.Writeback;
            s.Counters.Writeback++;
        }),
        new("a clean page of a file can be stored to unnoticed", "I23 I29", s =>
        {
            s.CachePages[1].HasMarks = true;
            s.Pte(1, SampleMachine.Text + 4096).Bits |= PteBits.Write;
        }),
        new("a file has not marked its dirty page", "I29", s => s.CachePages[0].IsMarkedDirty = false),

        new("a group was not given back what it paid", "I51", s => s.Groups[2].UsageCounter++),
        new("a group has more than it may have", "I51", s => s.Groups[1].Max = 4),
        new("a group has more in swap than it may have", "I51", s => s.Groups[1].SwapMax = 0),
        new("memory left, and its zone still counts it", "I02", s => s.OfflineFrames = 8),
        new("a group pays for a free frame", "I51", s => s.Groups[1].FreeFrames++),
        new("a slot of swap was charged to nobody", "I51", s => s.Groups[2].Slots--),

        new("a child was waited for and stays", "I53", s => s.Children[0].WasWaitedFor = true),
        new("a child is in the list twice", "I53", s => s.Children.Add(s.Children[0])),
        new("a child is in nobody's list", "I53", s => s.Children.Clear()),
        new("a child is in the list of another", "I53", s => s.Children[0].Parent++),
        new("a waiter was forgotten", "I53", s => s.FutexWaits[0].IsKnown = false),

        new("a mapped private page is not counted", "I52", s => s.Counters.AnonMapped--),
        new("a file's page that is mapped no more is counted", "I52", s => s.Counters.FileMapped++),
        new("a page that left the page cache is counted", "I52", s => s.Counters.FilePages++),
        new("shared memory is not counted", "I52", s => s.Counters.SharedPages--),
        new("a page of the swap cache is counted twice", "I52", s => s.Counters.SwapCached++),
        new("a page table is not counted", "I52", s => s.Counters.PageTables--),
        new("a buffer is counted that is gone", "I52", s => s.Counters.Buffers++),
        new("a huge page is lost", "I52", s => s.Counters.HugeUsers = new HugeCounts(1, 1)),
        new("the promise of a huge page is never taken back", "I52", s => s.Counters.HugePool = new HugeCounts(2, 2)),
        new("a stack grew below the lowest address", "I21", s =>
        {
            s.LowestGrowth = 0x10000;
            s.Mms[0].StackGrownTo = 0xf000;
        }),

        new("an allocation was not counted", "I30", s => s.Counters.Allocated--),
        new("a fault of a process was not counted", "I30", s => s.Counters.TaskFaults = s.Counters.Faults + 1),
        new("a task counts as waiting for memory that does not", "I30", s => s.Counters.StalledForMemory++),
        new("a task that waits for a disk is not counted", "I30", s => s.Waits[0].IsForIo = true),
        new("a major fault was counted for nobody", "I30", s => s.Counters.MajorFaults++),

        new("a page that went to swap was not counted", "I30", s =>
        {
            s.Engine.Quiescent = true;
            s.Counters.SwapSectorsOut = 8;
            s.Counters.SectorsOut = 16;
            s.Counters.Devices = new DeviceSectors(0, 16, 0, 16);
        }),
        new("a disk has read what nobody asked for", "I30", s =>
        {
            s.Engine.Quiescent = true;
            s.Counters.Devices = new DeviceSectors(8, 0, -1, -1);
        }),
        new("a clean page lost what the disk has", "I36", s => s.CachePages[1].HoldsTheSame = false),
        new("somebody wrote to the page of zeros", "I39", s => s.ZeroPageIsZero = false),

        new("an allocation took what has to stay", "I41", s => s.Allocations[0].FreeBefore = 47),
        new("an allocation of a block took what has to stay", "I41", s => s.Allocations[0].Order = 1),
        new("one in need took more than half", "I41", s => s.Allocations[1].FreeBefore = 27),
        new("one that cannot wait took more than its part", "I41", s => s.Allocations[2].FreeBefore = 22),

        new("the wrong process was killed", "I42", s => s.OomCandidates[1].Pages = 1500),
        new("of equals the wrong one was killed", "I42", s => (s.OomCandidates[0].Pages, s.OomCandidates[2].Pages,
            s.OomCandidates[2].ScoreAdj, s.OomCandidates[1].Pages) = (600, 600, 0, 600 + 1)),
        new("nobody was killed", "I42", s => s.OomCandidates[2].IsVictim = false),
        new("a second one was killed while the first was dying", "I42", s => s.OomCandidates[0].IsDying = true),
        new("somebody was killed while there were idle pages", "I42", s => s.OomCandidates[0].IdleFilePages = 3),

        new("a task waits for ever", "I43", s => s.Waits[0].SinceNs = s.Engine.VirtualNs - 120_000_000_001),
    ];

    // An entry of a private VMA names a page of object 2, which its frame counts.
    private static void MapObjectsPage(MachineSnapshot s)
    {
        ref PteRecord pte = ref s.Pte(1, Data + (8 * 0x1000));
        uint other = s.Pte(1, SharedAt).Pfn;
        s.FrameOf(pte.Pfn).MapCount--;
        s.FrameOf(pte.Pfn).RmapCount--;
        s.FrameOf(pte.Pfn).RefCount--;
        s.FrameOf(other).MapCount++;
        s.FrameOf(other).RmapCount++;
        s.FrameOf(other).RefCount++;
        s.Mms[0].RssAnon--;
        s.Mms[0].RssShmem++;
        pte.Pfn = other;
        s.DropTlbEntry(0, pte.Va);
    }

    private static ref VmaRecord Below(MachineSnapshot s) => ref s.Vmas[4];

    private static ref VmaRecord Stack(MachineSnapshot s) => ref s.Vmas[5];

    /// <summary>Bytes that the VMA below the stack must have to end so many pages below it.</summary>
    private static ulong MoveBelow(MachineSnapshot s, ulong gapPages)
    {
        ulong bytes = Stack(s).Start - (gapPages << 12) - Below(s).Start;
        s.Mms[0].TotalVmPages += (long)((Below(s).Start + bytes - Below(s).End) >> 12);
        return bytes;
    }

    private static void LockMapping(MachineSnapshot s)
    {
        ref PteRecord pte = ref s.Pte(1, Data);
        foreach (ref VmaRecord vma in s.Vmas.Items)
        {
            if (vma.MmId != pte.MmId || pte.Va < vma.Start || pte.Va >= vma.End)
                continue;
            vma.Flags |= VmaFlags.Locked;
            foreach (ref MmRecord mm in s.Mms.Items)
                mm.LockedVmPages += mm.MmId == vma.MmId ? (long)((vma.End - vma.Start) >> mm.PageShift) : 0;
        }
    }

    // How many pages it took from the first private mapping that can be written.
    private static long Unpromise(MachineSnapshot s)
    {
        foreach (ref VmaRecord vma in s.Vmas.Items)
        {
            if ((vma.Flags & VmaFlags.Account) == 0)
                continue;
            vma.Flags &= ~VmaFlags.Account;
            return (long)((vma.End - vma.Start) >> 12);
        }

        return 0;
    }
}
