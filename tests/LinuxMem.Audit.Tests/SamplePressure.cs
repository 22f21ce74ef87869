using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>
/// Completes the sample machine: lists of page replacement, dirty pages, counters, promises, an allocation near the
/// watermark, a kill for want of memory, a task that waits, a stack that has grown.
/// </summary>
internal static class SamplePressure
{
    private const int Shift = 12;
    private const long SharedPromise = 7;

    public static void Add(MachineSnapshot s, uint totalFrames)
    {
        AddLists(s);
        AddFiles(s);
        AddStacks(s);
        AddEvents(s);
        CountFrames(s);
        CountRights(s);
        AddGroups(s);
        s.FramesReservedAtBoot = 1;
        foreach (ref ZoneRecord zone in s.Zones.Items)
            s.ManagedAtBoot += zone.ManagedPages;
        s.Counters.Freed = 40;
        s.Counters.Allocated = 40 + totalFrames - 1 - Free(s);
        s.Counters.Faults = 100;
        s.Counters.TaskFaults = 97;
        s.Counters.MajorFaults = s.Counters.TaskMajorFaults = 6;
    }

    /// <summary>Makes the lists anew out of the frames.</summary>
    public static void AddLists(MachineSnapshot s)
    {
        s.LruPages.Clear();
        s.LruCounters.Clear();
        int anon = 0;
        foreach (ref FrameRecord frame in s.Frames.Items)
        {
            bool isAnon = frame.Place is FramePlace.Anon or FramePlace.SwapCache or FramePlace.Shmem;
            if (!isAnon && frame.Place != FramePlace.File)
                continue;
            // The second one is locked.
            LruList list = isAnon && anon++ == 1 ? LruList.Unevictable
                : isAnon ? LruList.ActiveAnon : LruList.InactiveFile;
            frame.Flags |= list == LruList.Unevictable ? FrameFlags.Unevictable : FrameFlags.Lru;
            frame.Flags |= isAnon ? FrameFlags.SwapBacked : FrameFlags.None;
            s.LruPages.Add(new LruPageRecord { Pfn = frame.Pfn, List = list });
        }

        for (var list = LruList.InactiveAnon; list <= LruList.ActiveFile; list++)
            s.LruCounters.Add(new LruCounterRecord { List = list, Count = Count(s, list) });
        s.Counters.Unevictable = Count(s, LruList.Unevictable);
    }

    // The root, a group, and one in that.
    private static void AddGroups(MachineSnapshot s)
    {
        const long unlimited = long.MaxValue;
        s.Groups.Add(new GroupRecord { UsageCounter = 99, Max = unlimited, SwapMax = unlimited });
        s.Groups.Add(new GroupRecord
        {
            Id = 1,
            UsageCounter = 5,
            Max = 5,
            SwapCounter = 1,
            SwapMax = 1,
            Frames = 3,
        });
        s.Groups.Add(new GroupRecord
        {
            Id = 2,
            Parent = 1,
            UsageCounter = 2,
            Max = 4,
            SwapCounter = 1,
            SwapMax = unlimited,
            Frames = 2,
            Slots = 1,
        });
    }

    private static long Count(MachineSnapshot s, LruList list)
    {
        long count = 0;
        foreach (ref LruPageRecord page in s.LruPages.Items)
            count += page.List == list ? 1 : 0;
        return count;
    }

    // Of object 1 the first page is dirty, the others are clean.
    private static void AddFiles(MachineSnapshot s)
    {
        foreach (ref CachePageRecord page in s.CachePages.Items)
        {
            if (page.MappingId != 1)
                continue;
            page.HasMarks = true;
            page.IsMarkedDirty = page.Index == 0;
            page.IsClean = page.HoldsTheSame = page.Index != 0;
            if (page.Index == 0)
                s.FrameOf(page.Pfn).Flags |= FrameFlags.Dirty;
        }

        s.Counters.FileDirty = 1;
        s.Objects.Add(new ObjectRecord { MappingId = 1, EndIndex = uint.MaxValue });
        s.Objects.Add(new ObjectRecord { MappingId = 2, EndIndex = uint.MaxValue, CommittedPages = SharedPromise });
    }

    private static void AddStacks(MachineSnapshot s)
    {
        s.StackGuardPages = 256;
        s.Counters.Committed = SharedPromise;
        foreach (ref VmaRecord vma in s.Vmas.Items)
        {
            if ((vma.Flags & VmaFlags.Account) != 0)
                s.Counters.Committed += (long)((vma.End - vma.Start) >> Shift);
            if ((vma.Flags & VmaFlags.GrowsDown) == 0)
                continue;
            vma.StartBefore = vma.Start + 0x1000;
            vma.BelowStayed = true;
        }
    }

    private static void AddEvents(MachineSnapshot s)
    {
        foreach (ref ZoneRecord zone in s.Zones.Items)
            zone.MinPages = 40;
        s.Allocations.Add(new AllocationRecord { FreeBefore = 48, Reserve = 7 });
        s.Allocations.Add(new AllocationRecord { FreeBefore = 28, Reserve = 7, IsHigh = true });
        s.Allocations.Add(new AllocationRecord { FreeBefore = 23, Reserve = 7, IsHigh = true, CannotWait = true });
        s.Allocations.Add(new AllocationRecord { FreeBefore = 1, Reserve = 7, IgnoresWatermarks = true });
        AddCandidate(s, 10, 500, 0, isVictim: false);
        AddCandidate(s, 11, 700, 0, isVictim: false);
        AddCandidate(s, 12, 600, 200, isVictim: true);
        AddCandidate(s, 13, 9000, -1000, isVictim: false);
        s.OomCandidates[3].IsInVfork = true;
        s.Waits.Add(new WaitRecord { Tid = 10, SinceNs = 500 });
        s.FutexWaits.Add(new FutexWaitRecord { Tid = 11, IsKnown = true });
        s.Processes.Add(new ProcessRecord { Id = 11L << 32, Parent = 10L << 32 });
        s.Children.Add(new ChildRecord { Child = 11L << 32, Parent = 10L << 32 });
    }

    /// <summary>Makes data_vm, exec_vm and stack_vm those that the VMAs have.</summary>
    public static void CountRights(MachineSnapshot s)
    {
        foreach (ref MmRecord mm in s.Mms.Items)
        {
            int id = mm.MmId;
            VmaRecord[] vmas = [.. s.Vmas.Items.ToArray().Where(vma => vma.MmId == id)];
            mm.StackVmPages = Sum(vmas.Where(vma => vma.Flags.HasFlag(VmaFlags.GrowsDown)));
            mm.ExecVmPages = Sum(vmas.Where(vma => vma.Flags.HasFlag(VmaFlags.Exec)
                && !vma.Flags.HasFlag(VmaFlags.Write) && !vma.Flags.HasFlag(VmaFlags.GrowsDown)));
            mm.DataVmPages = Sum(vmas.Where(vma => vma.Flags.HasFlag(VmaFlags.Write)
                && !vma.Flags.HasFlag(VmaFlags.Shared) && !vma.Flags.HasFlag(VmaFlags.GrowsDown)));
        }
    }

    private static long Sum(IEnumerable<VmaRecord> vmas) => vmas.Sum(vma => (long)((vma.End - vma.Start) >> Shift));

    /// <summary>Makes the counters of frames those that the snapshot has.</summary>
    public static void CountFrames(MachineSnapshot s)
    {
        ref CounterRecord counters = ref s.Counters;
        FrameRecord[] frames = s.Frames.Items.ToArray();
        counters.AnonMapped = frames.Count(frame => frame.Place == FramePlace.Anon && frame.MapCount > 0);
        counters.FileMapped = frames.Count(frame => frame.Place != FramePlace.Anon && frame.MapCount > 0);
        counters.SwapCached = frames.Count(frame => frame.Flags.HasFlag(FrameFlags.SwapCached));
        counters.FilePages = s.CachePages.Count + counters.SwapCached;
        counters.SharedPages = frames.Count(frame => frame.Place == FramePlace.Shmem);
        counters.PageTables = frames.Count(frame => frame.Place == FramePlace.PageTable);
        counters.HugePool = new HugeCounts(2, 1);
        counters.HugeUsers = new HugeCounts(2, 1);
    }

    private static void AddCandidate(MachineSnapshot s, int pid, long pages, int adj, bool isVictim) =>
        s.OomCandidates.Add(new OomCandidateRecord
        {
            Kill = 1,
            Pid = pid,
            Pages = pages,
            ScoreAdj = adj,
            IsVictim = isVictim,
            TotalPages = 4096,
        });

    private static long Free(MachineSnapshot s)
    {
        long free = s.PcpPages.Count;
        foreach (ref FreeBlockRecord block in s.FreeBlocks.Items)
            free += 1L << block.Order;
        return free;
    }
}
