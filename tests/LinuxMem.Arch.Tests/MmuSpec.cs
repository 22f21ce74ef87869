using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tests.Support;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests;

public sealed class MmuSpec
{
    private const ulong A = 0x40_0000;
    private const ulong B = 0x40_1000;
    private const ulong C = 0x40_2000;

    [Fact]
    public void An_access_costs_what_the_level_that_answers_it_costs()
    {
        using var rig = new Rig();
        rig.World.Map(A, 600);
        rig.World.Map(B, 601);
        rig.World.Map(C, 602);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
        Assert.Equal(1, rig.Cost(AccessKind.Read, A + 8));
        Assert.Equal(101, rig.Cost(AccessKind.Read, B));
        Assert.Equal(101, rig.Cost(AccessKind.Read, C));
        Assert.Equal(11, rig.Cost(AccessKind.Read, A));
        Assert.Equal(11, rig.Cost(AccessKind.Execute, A));
        Assert.Equal(1, rig.Cost(AccessKind.Execute, A));
        Assert.Equal(
            new MmuCounters { Accesses = 7, L1Hits = 2, L2Hits = 2, Walks = 3, WalkLevels = 6 }, rig.Mmu.Counters);
    }

    [Fact]
    public void The_accesses_of_a_page_visit_but_the_first_are_hits()
    {
        using var rig = new Rig();
        rig.World.Map(A, 600);
        rig.World.Map(B, 601);
        AccessBatch batch = rig.Batch();
        batch.AddRun(AccessKind.Read, A + 4000, 8, 100);
        Assert.Equal(MmuStop.BatchDone, rig.Mmu.Run(batch, ref rig.Now, long.MaxValue, out _));
        Assert.Equal(100 + 400 + 100, rig.Now);
        Assert.Equal((100, 98, 2), (rig.Mmu.Counters.Accesses, rig.Mmu.Counters.L1Hits, rig.Mmu.Counters.Walks));
    }

    [Fact]
    public void No_access_starts_at_the_deadline_and_one_that_has_started_is_finished()
    {
        using var rig = new Rig();
        rig.World.Map(A, 600);
        AccessBatch batch = rig.Batch();
        batch.AddRun(AccessKind.Read, A, 8, 10);
        Assert.Equal(MmuStop.Deadline, rig.Mmu.Run(batch, ref rig.Now, 0, out _));
        Assert.Equal(MmuStop.Deadline, rig.Mmu.Run(batch, ref rig.Now, 1, out _));
        Assert.Equal((401, 1), (rig.Now, batch.DoneInRun));
        Assert.Equal(MmuStop.Deadline, rig.Mmu.Run(batch, ref rig.Now, 405, out _));
        Assert.Equal((405, 5), (rig.Now, batch.DoneInRun));
        Assert.Equal(MmuStop.BatchDone, rig.Mmu.Run(batch, ref rig.Now, 410, out _));
        Assert.Equal((410, true), (rig.Now, batch.AccessesDone));
    }

    [Fact]
    public void A_fault_costs_nothing_and_leaves_the_batch_at_the_access()
    {
        using var rig = new Rig();
        rig.World.Map(A, 600);
        AccessBatch batch = rig.Batch();
        batch.AddRun(AccessKind.Write, A, 0x1000, 2);
        Assert.Equal(MmuStop.Fault, rig.Mmu.Run(batch, ref rig.Now, long.MaxValue, out MmuFault fault));
        Assert.Equal((B, AccessKind.Write), (fault.Address.Value, fault.Kind));
        Assert.Equal((false, false), (fault.Present, fault.NonCanonical));
        Assert.Equal((401, 1), (rig.Now, batch.DoneInRun));
        Assert.Equal((1, 1), (rig.Mmu.Counters.Accesses, rig.Mmu.Counters.Faults));
        rig.World.Map(B, 601);
        Assert.Equal(MmuStop.BatchDone, rig.Mmu.Run(batch, ref rig.Now, long.MaxValue, out _));
        Assert.Equal(2, rig.Task.Accesses);
    }

    [Theory]
    [InlineData(AccessKind.Read, true)]
    [InlineData(AccessKind.Write, false)]
    [InlineData(AccessKind.Execute, false)]
    public void A_read_only_page_can_only_be_read(AccessKind kind, bool allowed)
    {
        using var rig = new Rig();
        rig.World.Map(rig.World.Mm, A, 600, rig.World.ReadOnly);
        Assert.Equal(allowed, rig.Cost(kind, A) > 0);
        Assert.Equal(!allowed, rig.Fault.Present);
    }

    [Fact]
    public void A_page_of_the_kernel_cannot_be_accessed()
    {
        using var rig = new Rig();
        rig.World.Map(rig.World.Mm, A, 600, rig.World.Format.Present | rig.World.Format.Write);
        Assert.Equal(-1, rig.Cost(AccessKind.Read, A));
        Assert.True(rig.Fault.Present);
    }

    [Fact]
    public void An_entry_that_forbids_an_access_is_looked_up_in_the_tables_again()
    {
        using var rig = new Rig();
        rig.World.Map(rig.World.Mm, A, 600, rig.World.ReadOnly);
        rig.Cost(AccessKind.Read, A);
        rig.World.Map(A, 601);
        Assert.Equal(101, rig.Cost(AccessKind.Write, A));
        Assert.Equal(2, rig.Entries().Count(e => e is { Pfn: 601, Write: true, Dirty: true }));
        Assert.DoesNotContain(rig.Entries(), e => e.Pfn == 600);
    }

    [Fact]
    public void Loads_set_the_accessed_bit_and_the_first_store_the_dirty_bit()
    {
        using var rig = new Rig();
        PteFormat f = rig.World.Format;
        rig.World.Map(A, 600);
        rig.Cost(AccessKind.Read, A);
        Assert.Equal(f.Accessed, rig.World.Entry(A) & (f.Accessed | f.Dirty));
        Assert.Equal(101, rig.Cost(AccessKind.Write, A));
        Assert.Equal(f.Accessed | f.Dirty, rig.World.Entry(A) & (f.Accessed | f.Dirty));
        Assert.Equal(1, rig.Cost(AccessKind.Write, A));
    }

    [Fact]
    public void Where_software_keeps_accessed_and_dirty_their_absence_traps()
    {
        using var rig = new Rig(PagingGeometry.Alpha);
        PteFormat f = rig.World.Format;
        ulong bits = f.Present | f.User | f.Write;
        rig.World.Map(rig.World.Mm, A, 600, bits);
        Assert.Equal(-1, rig.Cost(AccessKind.Read, A));
        Assert.True(rig.Fault is { Present: true, AccessedDirtyOnly: true });
        rig.World.Map(rig.World.Mm, A, 600, bits | f.Accessed);
        Assert.Equal(301, rig.Cost(AccessKind.Read, A));
        Assert.Equal(-1, rig.Cost(AccessKind.Write, A));
        Assert.True(rig.Fault is { Present: true, AccessedDirtyOnly: true });
        rig.World.Map(rig.World.Mm, A, 600, (bits | f.Accessed | f.Dirty) & ~f.Write);
        Assert.Equal(-1, rig.Cost(AccessKind.Write, A));
        Assert.True(rig.Fault is { Present: true, AccessedDirtyOnly: false });
    }

    [Fact]
    public void Addresses_that_no_table_translates_fault_as_such()
    {
        using var rig = new Rig();
        rig.World.Map(A, 600);
        rig.Cost(AccessKind.Read, A);
        foreach (ulong va in (ulong[])[A | 1UL << 58, A | 1UL << 63, 1UL << 47])
        {
            Assert.Equal(-1, rig.Cost(AccessKind.Read, va));
            Assert.True(rig.Fault is { NonCanonical: true, Present: false });
        }

        Assert.Equal(-1, rig.Cost(AccessKind.Read, ulong.MaxValue - 7));
        Assert.False(rig.Fault.NonCanonical);
    }

    [Fact]
    public void An_address_space_never_meets_the_entries_of_another()
    {
        using var rig = new Rig(spaces: 2);
        rig.World.Map(A, 600);
        rig.Cost(AccessKind.Read, A);
        rig.Mmu.Load(rig.World.Mms[1], 1, rig.Task);
        Assert.Equal(-1, rig.Cost(AccessKind.Read, A));
        rig.Mmu.Load(rig.World.Mm, 0, rig.Task);
        Assert.Equal(1, rig.Cost(AccessKind.Read, A));
        rig.Mmu.FlushAsid(1);
        Assert.Equal(1, rig.Cost(AccessKind.Read, A));
        rig.Mmu.FlushAsid(0);
        Assert.Empty(rig.Entries());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1UL << 40)]
    public void Invalidation_takes_the_page_and_its_leaf_table_and_spares_the_rest(ulong pages)
    {
        using var rig = new Rig(tlb: TlbSettings.Default);
        rig.World.Map(A, 600);
        rig.World.Map(0x20_0000, 601);
        rig.Cost(AccessKind.Write, A);
        rig.Cost(AccessKind.Execute, A);
        rig.Cost(AccessKind.Read, 0x20_0000);
        rig.Mmu.Invalidate(0, A >> 12, pages);
        Assert.All(rig.Entries(), e => Assert.Equal(0x20_0000UL >> 12, e.Vpn));
        Assert.Equal(3, rig.Entries().Count);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
    }

    [Fact]
    public void What_one_CPU_of_a_shared_mm_costs_does_not_depend_on_how_far_another_has_got()
    {
        Assert.Equal(Run(firstOther: false), Run(firstOther: true));

        static (long, MmuCounters) Run(bool firstOther)
        {
            using var rig = new Rig();
            rig.World.Map(A, 600);
            rig.World.Mm.Shared = true;
            using var other = new Mmu(1, rig.World.Ram, rig.World.Geometry, Rig.Small, Rig.Costs, 1);
            other.Load(rig.World.Mm, 0, new TaskAccesses(8, 1));
            AccessBatch store = rig.Batch();
            store.AddRun(AccessKind.Write, A, 0, 1);
            long otherNow = 0;
            if (firstOther)
                other.Run(store, ref otherNow, long.MaxValue, out _);
            rig.Cost(AccessKind.Read, A);
            rig.Cost(AccessKind.Write, A);
            other.Run(store, ref otherNow, long.MaxValue, out _);
            return (rig.Now, rig.Mmu.Counters);
        }
    }

    [Fact]
    public void A_shared_mm_stays_shared()
    {
        using var rig = new Rig();
        rig.World.Mm.Shared = true;
        Assert.Throws<InvalidOperationException>(() => rig.World.Mm.Shared = false);
    }

    [Fact]
    public void Running_allocates_nothing()
    {
        using var rig = new Rig(tlb: TlbSettings.Default);
        for (ulong page = 0; page < 300; page++)
            rig.World.Map(A + (page << 12), 600 + ((uint)page % 100));
        AccessBatch batch = rig.Batch();
        batch.AddRun(AccessKind.Write, A, 1000, 1200);
        batch.AddRun(AccessKind.Execute, A, 4096, 300);
        Again();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Again();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);

        void Again()
        {
            batch.RunIndex = 0;
            rig.Mmu.Run(batch, ref rig.Now, long.MaxValue, out _);
        }
    }

    [Fact]
    public void What_cannot_be_an_MMU_is_refused_with_the_reason()
    {
        TlbSettings d = TlbSettings.Default;
        Assert.Null(d.FindProblem());
        Assert.Contains("sets", (d with { L2 = new(3, 4) }).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("ways", (d with { L1Data = new(4, 65) }).FindProblem(), StringComparison.Ordinal);
        var tree = new TlbShape(4, 3, TlbReplacement.TreePlru);
        Assert.Contains("tree", (d with { L1Code = tree }).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("walk cache", (d with { WalkCacheEntries = 3 }).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("ASID", (d with { AsidCount = 4097 }).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("first-level", (d with { L1Data = new(65536, 1) }).FindProblem(), StringComparison.Ordinal);
        Assert.Contains("hit", new MmuCosts(0).FindProblem(), StringComparison.Ordinal);
        using var world = new World(PagingGeometry.X86_64);
        Assert.Throws<ArgumentException>(() => new Mmu(0, world.Ram, world.Geometry, d, new MmuCosts(0), 1));
        Assert.Throws<ArgumentException>(() => new Mmu(0, world.Ram, PagingGeometry.Alpha, d, new MmuCosts(), 1));
    }
}
