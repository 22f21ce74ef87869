using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tests.Support;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests;

public sealed class PteHistorySpec
{
    private const ulong A = 0x40_0000;

    [Fact]
    public void A_change_reaches_another_CPU_at_its_time_and_not_before()
    {
        using var rig = new Rig();
        rig.World.Mm.History.Record(1, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        rig.World.Map(A, 700);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
        Assert.Equal([600u, 600u], Pages(rig).Select(e => e.Pfn));
        rig.Mmu.FlushAll();
        rig.Now = 500;
        rig.Cost(AccessKind.Read, A);
        Assert.Contains(rig.Entries(), e => e.Pfn == 700);
    }

    [Fact]
    public void The_CPU_that_makes_a_change_sees_it_at_once()
    {
        using var rig = new Rig();
        rig.World.Mm.History.Record(0, 500, A >> 12, 0, 0);
        rig.World.Map(A, 700);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
    }

    [Fact]
    public void A_CPU_sees_the_changes_made_before_it_left_the_kernel_and_none_made_at_that_moment_later()
    {
        using var rig = new Rig();
        PteHistory history = rig.World.Mm.History;
        history.Record(1, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        rig.Mmu.KnownChanges = history.Changes;
        history.Record(1, 500, A >> 12, 0, rig.World.Format.Make(601, rig.World.Rwx));
        rig.World.Map(A, 602);
        rig.Cost(AccessKind.Read, A);
        Assert.Equal([601u, 601u], Pages(rig).Select(e => e.Pfn));
    }

    [Fact]
    public void Of_several_hidden_changes_the_oldest_counts()
    {
        using var rig = new Rig();
        PteHistory history = rig.World.Mm.History;
        history.RecordRange(1, 300, (A >> 12) - 1, 0, [0, rig.World.Format.Make(600, rig.World.Rwx), 0]);
        history.Record(1, 900, A >> 12, 0, rig.World.Format.Make(601, rig.World.Rwx));
        rig.World.Map(A, 602);
        Assert.Equal(600u, PfnAt(0));
        Assert.Equal(601u, PfnAt(300));
        Assert.Equal(602u, PfnAt(900));

        uint PfnAt(long ns)
        {
            rig.Mmu.FlushAll();
            rig.Now = ns;
            rig.Cost(AccessKind.Read, A);
            return rig.Entries()[0].Pfn;
        }
    }

    [Fact]
    public void Accessed_and_dirty_bits_of_an_old_entry_are_told_to_the_kernel()
    {
        using var rig = new Rig();
        rig.World.Mm.History.Record(1, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        rig.World.SetEntry(rig.World.Mm, A, 0);
        Assert.Equal(401, rig.Cost(AccessKind.Write, A));
        Assert.Equal(0UL, rig.World.Entry(A));
        Assert.Equal([true, true], Pages(rig).Select(e => e.Dirty));
        AccessedDirtyOp told = Assert.Single(rig.Mmu.Bits.Ops.ToArray());
        Assert.Equal((0L, A, 600u, true), (told.TimeNs, told.Va, told.Pfn, told.IsStore));
    }

    [Fact]
    public void Pruning_drops_what_every_CPU_is_past_and_keeps_the_rest_in_order()
    {
        using var rig = new Rig();
        PteHistory history = rig.World.Mm.History;
        history.RecordRange(1, 100, A >> 12, 0, [1, 2, 3]);
        history.RecordRange(1, 300, A >> 12, 0, [rig.World.Format.Make(600, rig.World.Rwx), 0]);
        history.Record(1, 200, A >> 12, 0, 0);
        history.Prune(200);
        Assert.Equal(1, history.Count);
        rig.Now = 250;
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
        Assert.Equal(600u, rig.Entries()[0].Pfn);
        history.Prune(300);
        Assert.Equal(0, history.Count);
    }

    [Fact]
    public void A_walk_that_meets_an_old_entry_uses_and_fills_the_walk_cache_like_any_other()
    {
        using var rig = new Rig();
        rig.World.Map(A, 700);
        uint table = PageTableWalker.Walk(rig.World.Ram, rig.World.Geometry, rig.World.Mm.Root, A).LeafTable.Value;
        ulong old = rig.World.Format.Make(600, rig.World.Rwx);
        rig.World.Mm.History.RecordRange(1, 500, A >> 12, table, [old, old]);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
        Assert.Equal(table, Assert.Single(rig.Entries(), e => e.Level == TlbLevel.WalkCache).Pfn);
        Assert.Equal(101, rig.Cost(AccessKind.Read, A + 0x1000));
    }

    [Fact]
    public void A_page_that_is_held_back_is_there_for_who_sees_the_old_entry_and_then_not_until_it_is_let_go()
    {
        using var rig = new Rig();
        PteHistory history = rig.World.Mm.History;
        history.Record(1, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        history.Hold(A >> 12, 900);
        rig.World.Map(A, 700);
        Assert.Equal((600u, true), Walk(0));
        Assert.Equal((0u, false), Walk(500));
        rig.Mmu.KnownChanges = history.Changes;
        Assert.Equal((0u, false), Walk(0));
        history.Prune(899);
        Assert.Equal((0u, false), Walk(899));
        Assert.Equal(900, history.SettledNs(A >> 12, 0));
        Assert.Equal((900, 0), (history.HeldUntilNs(A >> 12), history.HeldUntilNs((A >> 12) + 1)));
        Assert.Equal((700u, true), Walk(900));
        history.Prune(900);
        Assert.Equal(0, history.Count);

        (uint Pfn, bool Found) Walk(long ns)
        {
            rig.Mmu.FlushAll();
            rig.Now = ns;
            bool found = rig.Cost(AccessKind.Read, A) >= 0;
            return (found ? rig.Entries()[0].Pfn : 0, found);
        }
    }

    [Fact]
    public void Who_holds_a_page_back_finds_it_and_so_does_who_has_changed_it_since()
    {
        using var rig = new Rig();
        PteHistory history = rig.World.Mm.History;
        history.Record(0, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        history.Hold(A >> 12, 900);
        rig.World.Map(A, 700);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
        history.Record(1, 500, A >> 12, 0, rig.World.Format.Make(600, rig.World.Rwx));
        history.Hold(A >> 12, 900);
        history.Record(0, 500, A >> 12, 0, rig.World.Format.Make(601, rig.World.Rwx));
        rig.Mmu.KnownChanges = history.Changes;
        rig.Mmu.FlushAll();
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
    }

    [Fact]
    public void What_was_not_recorded_is_not_held_back()
    {
        using var rig = new Rig();
        rig.World.Map(A, 700);
        rig.World.Mm.History.Hold(A >> 12, 900);
        Assert.Equal(401, rig.Cost(AccessKind.Read, A));
    }

    private static IEnumerable<TlbEntryInfo> Pages(Rig rig) =>
        rig.Entries().Where(e => e.Level is TlbLevel.L1Data or TlbLevel.L2);
}
