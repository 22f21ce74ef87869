using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

public class AuditorSpec
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_healthy_machine_has_no_violations(bool busy) => Assert.Equal([], Messages(SampleMachine.Small(busy)));

    [Fact]
    public void An_order_for_a_tag_that_an_address_space_had_before_does_not_speak_of_the_present_one()
    {
        MachineSnapshot snapshot = SampleMachine.Small(busy: true);
        snapshot.Pending.Add(snapshot.Pending[0] with { Asid = 77, Gen = 5 });
        Assert.Equal([], Messages(snapshot));
    }

    [Fact]
    public void A_big_healthy_machine_has_no_violations() =>
        Assert.Equal([], Messages(SampleMachine.Build(16384, 4, 8, 1500, 2000, 1536, busy: false)));

    [Fact]
    public void A_machine_too_big_for_a_table_of_frames_is_checked_by_hashing()
    {
        MachineSnapshot snapshot = SampleMachine.Build(1 << 23, 2, 2, 8, 4, 64, busy: false);
        Assert.Equal([], Messages(snapshot));
        snapshot.Frames[5].RefCount++;
        Assert.Equal(["I10"], Ids(snapshot));
    }

    [Fact]
    public void A_machine_at_its_end_has_nothing_left()
    {
        MachineSnapshot snapshot = SampleMachine.Small();
        Assert.Equal([], Messages(Emptied(snapshot)));
        snapshot.Engine.BaselineFreeFrames++;
        Assert.Equal(["I50"], Ids(snapshot));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void At_the_end_the_swap_cache_may_hold_pages_of_shared_memory_with_a_name_alone(bool hasName)
    {
        MachineSnapshot snapshot = Emptied(SampleMachine.Small());
        uint pfn = snapshot.PcpPages[snapshot.PcpPages.Count - 1].Pfn;
        snapshot.PcpPages.RemoveAt(snapshot.PcpPages.Count - 1);
        snapshot.FrameOf(pfn) = new FrameRecord
        {
            Pfn = pfn,
            Place = FramePlace.SwapCache,
            Flags = FrameFlags.SwapCached,
            RefCount = 1,
            ExtraRefs = 1,
        };
        snapshot.SwapSlots.Add(new SwapSlotRecord { Slot = 1, Count = 1, IsCached = true, Pfn = pfn });
        snapshot.SwapPtes.Add(new SwapPteRecord { MappingId = 77, Slot = 1 });
        snapshot.Objects.Add(new ObjectRecord { MappingId = 77, EndIndex = 1, HasName = hasName });
        Assert.Equal(!hasName, Ids(snapshot).Contains("I50"));
    }

    [Fact]
    public void Every_invariant_of_the_list_is_checked() =>
        Assert.Equal(
            "I01 I02 I03 I04 I05 I06 I07 I08 I09 I10 I11 I12 I13 I14 I15 I16 I17 I18 I19 I20 I21 I22 I23 I24 I25 "
                + "I26 I27 I28 I29 I30 I31 I32 I33 I34 I35 I36 I39 I41 I42 I43 I44 I45 I46 I48 I49 I50 I51 I52 "
                + "I53",
            string.Join(' ', new Auditor().Invariants));

    [Fact]
    public void An_auditor_gives_the_same_answer_again_and_keeps_nothing_of_other_snapshots()
    {
        Auditor auditor = new();
        List<Violation> first = [];
        List<Violation> second = [];
        MachineSnapshot broken = SampleMachine.Small();
        broken.Frames[4].MapCount = 77;
        auditor.Check(broken, first);
        auditor.Check(SampleMachine.Build(16384, 4, 8, 100, 300, 500, busy: false), second);
        Assert.Empty(second);
        auditor.Check(broken, second);
        Assert.Equal(first, second);
        Assert.Equal(3 * auditor.Invariants.Count, auditor.ChecksDone);
    }

    [Fact]
    public void Only_the_first_hundred_violations_are_written_out()
    {
        MachineSnapshot snapshot = SampleMachine.Build(16384, 1, 2, 500, 4, 64, busy: false);
        foreach (ref FrameRecord frame in snapshot.Frames.Items)
            frame.MapCount += 3;
        List<Violation> violations = [];
        long total = new Auditor().Check(snapshot, violations);
        Assert.Equal(Auditor.MaxViolations, violations.Count);
        Assert.True(total > 1000);
    }

    [Fact]
    public void A_warm_check_of_a_healthy_machine_allocates_nothing()
    {
        MachineSnapshot snapshot = SampleMachine.Small();
        Auditor auditor = new();
        List<Violation> violations = [];
        auditor.Check(snapshot, violations);
        long before = GC.GetAllocatedBytesForCurrentThread();
        auditor.Check(snapshot, violations);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_message_names_the_invariant_and_the_frame()
    {
        MachineSnapshot snapshot = SampleMachine.Small();
        snapshot.Frames[0x10].MapCount = 9;
        Assert.Contains(
            "I11 violated: frame 0x10 (Anon) has mapcount 9, but 1 page-table entries map it", Messages(snapshot));
    }

    [Fact]
    public void Snapshots_that_break_their_own_format_are_refused()
    {
        AssertMalformed(s => (s.Frames[3], s.Frames[4]) = (s.Frames[4], s.Frames[3]));
        AssertMalformed(s => s.Frames.Items[^1].Pfn = (uint)s.TotalFrames);
        AssertMalformed(s => (s.Ptes[3], s.Ptes[4]) = (s.Ptes[4], s.Ptes[3]));
        AssertMalformed(s => s.Ptes[0].MmId = 77);
        AssertMalformed(s => (s.Vmas[0], s.Vmas.Items[^1]) = (s.Vmas.Items[^1], s.Vmas[0]));
        AssertMalformed(s => s.Mms[1].MmId = s.Mms[0].MmId);
        AssertMalformed(s => s.Cpus[1].Cpu = 0);
        AssertMalformed(s => s.Asids[0].Cpu = 9);
    }

    private static void AssertMalformed(Action<MachineSnapshot> damage)
    {
        MachineSnapshot snapshot = SampleMachine.Small();
        damage(snapshot);
        Assert.Throws<MalformedSnapshotException>(() => new Auditor().Check(snapshot, []));
    }

    /// <summary>
    /// The same machine with every process gone: their frames free, as single pages of pcp lists without a limit.
    /// </summary>
    private static MachineSnapshot Emptied(MachineSnapshot s)
    {
        int list = 0;
        foreach (ref FrameRecord frame in s.Frames.Items)
        {
            frame.MapCount = frame.RmapCount = 0;
            frame.RefCount = frame.ExtraRefs;
            if (frame.Place is not (FramePlace.Anon or FramePlace.Shmem or FramePlace.PageTable
                or FramePlace.SwapCache))
                continue;
            frame = new FrameRecord { Pfn = frame.Pfn, Place = FramePlace.PerCpuList };
            s.PcpPages.Add(new PcpPageRecord { Cpu = 0, ZoneIndex = s.PcpLists[list].ZoneIndex, Pfn = frame.Pfn });
            s.PcpLists[list].CountCounter++;
        }

        s.PcpLists[list].High = 1000;
        List<CachePageRecord> filePages = [.. s.CachePages.Items.ToArray().Where(p => p.MappingId == 1)];
        s.CachePages.Clear();
        filePages.ForEach(p => s.CachePages.Add(p));
        s.Mms.Clear();
        s.Vmas.Clear();
        s.Ptes.Clear();
        s.Tables.Clear();
        s.SwapPtes.Clear();
        s.SwapSlots.Clear();
        s.SwapFree = s.SwapTotal;
        foreach (ref CpuRecord cpu in s.Cpus.Items)
            cpu.CurrentMmId = 0;
        SamplePressure.AddLists(s);
        SamplePressure.CountFrames(s);
        s.Counters.Committed = s.Objects[1].CommittedPages;
        s.Counters.Freed = s.Counters.Allocated - (s.TotalFrames - 1 - FreeFrames(s));
        s.Engine.AllProcessesGone = true;
        s.Engine.BaselineFreeFrames = s.TotalFrames - 3;
        return s;
    }

    private static long FreeFrames(MachineSnapshot s)
    {
        long free = s.PcpPages.Count;
        foreach (ref FreeBlockRecord block in s.FreeBlocks.Items)
            free += 1L << block.Order;
        return free;
    }

    internal static string[] Messages(MachineSnapshot snapshot) => [.. Check(snapshot).Select(v => v.Message)];

    internal static string[] Ids(MachineSnapshot snapshot) => [.. Check(snapshot).Select(v => v.Id).Distinct().Order()];

    private static List<Violation> Check(MachineSnapshot snapshot)
    {
        List<Violation> violations = [];
        new Auditor().Check(snapshot, violations);
        return violations;
    }
}
