using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>
/// The merge cases: of a new range with its neighbours, and of a range whose flags change. In pictures, letters are
/// properties: equal letters could be one VMA; "n" is the new or changed range.
/// </summary>
public class VmaMergeSpec
{
    private const VmFlags Rw = VmFlags.Read | VmFlags.Write;
    private const VmFlags Ro = VmFlags.Read;
    private static readonly AnonVmas AnonVmas = new();
    private static readonly AnonVma X = AnonVmas.New(null);
    private static readonly AnonVma Y = AnonVmas.New(null);
    private static readonly AnonVma Forked = AnonVmas.New(X);
    private readonly VmaSet set = new(12, 0x10000, 0x7fff_ffff_f000);

    private Vma MapAnon(ulong startPage, ulong endPage, VmFlags flags = Rw, AnonVma? anonVma = null)
    {
        Vma vma = set.Map(startPage << 12, endPage << 12, flags, startPage, null, null);
        if (anonVma is not null)
            vma.AnonVma = anonVma;
        return vma;
    }

    private Vma MapFile(AddressSpace file, ulong startPage, ulong endPage, ulong pgOff, VmFlags flags = Rw) =>
        set.Map(startPage << 12, endPage << 12, flags, pgOff, file, null);

    private Vma Modify(ulong startPage, ulong endPage, VmFlags flags)
    {
        Vma vma = set.Tree.FindContaining(startPage << 12)!;
        Assert.Equal(Errno.None, set.ModifyFlags(vma, startPage << 12, endPage << 12, flags, out Vma result));
        Assert.Equal(flags, result.Flags);
        Assert.True(result.Start <= startPage << 12 && endPage << 12 <= result.End);
        return result;
    }

    private string Picture()
    {
        set.Validate();
        var parts = new List<string>();
        for (Vma? vma = set.Tree.First; vma is not null; vma = vma.Next)
        {
            string rights = vma.Flags == Rw ? "w" : vma.Flags == Ro ? "r" : "?";
            parts.Add(FormattableString.Invariant($"{vma.Start >> 12:x}-{vma.End >> 12:x}{rights}"));
            Assert.False(vma.LeftUnmerged);
            if (vma.Mapping is null)
                Assert.Equal(vma.Start >> 12, vma.PgOff);
        }
        return string.Join(' ', parts);
    }

    [Fact]
    public void A_new_range_extends_the_VMA_below()
    {
        // |--A--|nnnnn|
        // |-----A-----|
        Vma below = MapAnon(0x100, 0x102);
        Assert.Same(below, MapAnon(0x102, 0x105));
        Assert.Equal("100-105w", Picture());
    }

    [Fact]
    public void A_new_range_extends_the_VMA_above_downwards()
    {
        //       |nnnnn|--A--|
        //       |-----A-----|
        Vma above = MapAnon(0x105, 0x107);
        Assert.Same(above, MapAnon(0x102, 0x105));
        Assert.Equal("102-107w", Picture());
    }

    [Fact]
    public void A_new_range_joins_the_VMAs_on_both_sides()
    {
        // |--A--|nnnnn|--A--|
        // |--------A--------|
        Vma below = MapAnon(0x100, 0x102);
        Vma above = MapAnon(0x105, 0x107, anonVma: X);
        Assert.Equal(2, set.Tree.Count);
        Assert.Same(below, MapAnon(0x102, 0x105));
        Assert.Equal("100-107w", Picture());
        Assert.Same(X, below.AnonVma);
        Assert.Equal(0, above.Height);
    }

    [Fact]
    public void A_new_range_between_two_anon_vmas_joins_the_lower_one_only()
    {
        // |--A(X)--|nnnnn|--A(Y)--|
        // |------A(X)----|--A(Y)--|
        MapAnon(0x100, 0x102, anonVma: X);
        MapAnon(0x105, 0x107, anonVma: Y);
        MapAnon(0x102, 0x105);
        Assert.Equal("100-105w 105-107w", Picture());
        Assert.Same(Y, set.Tree.Last!.AnonVma);
    }

    [Fact]
    public void A_new_range_does_not_touch_an_anon_vma_from_a_fork()
    {
        // |--A(forked)--|nnnnn|--A(X)--|
        // |--A(forked)--|-----A(X)-----|
        MapAnon(0x100, 0x102, anonVma: Forked);
        MapAnon(0x105, 0x107, anonVma: X);
        MapAnon(0x102, 0x105);
        Assert.Equal("100-102w 102-107w", Picture());
    }

    [Fact]
    public void Different_flags_names_or_special_mappings_stay_apart()
    {
        // |--A--|--B--|--C--|
        MapAnon(0x100, 0x102);
        MapAnon(0x102, 0x104, Ro);
        Assert.Equal("100-102w 102-104r", Picture());
        set.Map(0x104000, 0x105000, Ro, 0x104, null, "[vdso]");
        Assert.Equal(3, set.Tree.Count);
        set.Map(0x105000, 0x106000, Ro | VmFlags.DontExpand, 0x105, null, null);
        set.Map(0x106000, 0x107000, Ro | VmFlags.DontExpand, 0x106, null, null);
        Assert.Equal(5, set.Tree.Count);
        set.Validate();
    }

    [Fact]
    public void The_soft_dirty_bit_keeps_nothing_apart_and_spreads()
    {
        MapAnon(0x100, 0x102);
        Vma vma = MapAnon(0x102, 0x104, Rw | VmFlags.SoftDirty);
        Assert.Equal(1, set.Tree.Count);
        Assert.Equal(Rw | VmFlags.SoftDirty, vma.Flags);
    }

    [Fact]
    public void File_ranges_merge_only_where_their_offsets_go_on()
    {
        // file pages:  |0..2|2..4|   |4..6|   then   |9..10|
        // addresses:   |--------A---------|          |--B--|
        var file = new AddressSpace(1, "/f", false);
        MapFile(file, 0x100, 0x102, 0);
        MapFile(file, 0x104, 0x106, 4);
        Assert.Equal(2, file.VmaCount);
        MapFile(file, 0x102, 0x104, 2);
        Assert.Equal("100-106w", Picture());
        Assert.Equal(1, file.VmaCount);
        MapFile(file, 0x106, 0x107, 9);
        Assert.Equal("100-106w 106-107w", Picture());
        Assert.Equal(2, file.VmaCount);
    }

    [Fact]
    public void Two_objects_stay_apart()
    {
        var one = new AddressSpace(1, "/dev/zero (deleted)", true);
        var other = new AddressSpace(2, "/dev/zero (deleted)", true);
        MapFile(one, 0x100, 0x102, 0);
        MapFile(other, 0x102, 0x104, 2);
        Assert.Equal("100-102w 102-104w", Picture());
        Assert.Equal((1, 1), (one.VmaCount, other.VmaCount));
    }

    [Fact]
    public void New_flags_in_the_middle_make_three()
    {
        // |-------A-------|
        //      |nnnnn|
        // |--A-|--B--|-A--|
        MapAnon(0x100, 0x110);
        Modify(0x104, 0x108, Ro);
        Assert.Equal("100-104w 104-108r 108-110w", Picture());
    }

    [Fact]
    public void New_flags_for_the_middle_of_three_make_one_again()
    {
        // |--A-|nnnnn|-A--|
        // |-------A-------|
        MapAnon(0x100, 0x110);
        Modify(0x104, 0x108, Ro);
        Modify(0x104, 0x108, Rw);
        Assert.Equal("100-110w", Picture());
    }

    [Fact]
    public void New_flags_at_the_start_of_a_VMA_move_the_boundary_with_the_VMA_below_up()
    {
        // |--A--|nnn--B--|
        // |---A----|--B--|
        MapAnon(0x100, 0x104, Ro);
        MapAnon(0x104, 0x108, anonVma: X);
        Vma below = Modify(0x104, 0x106, Ro);
        Assert.Equal("100-106r 106-108w", Picture());
        Assert.Same(X, below.AnonVma);
        Assert.Same(X, set.Tree.Last!.AnonVma);
    }

    [Fact]
    public void New_flags_at_the_end_of_a_VMA_move_the_boundary_with_the_VMA_above_down()
    {
        // |--B--nnn|--A--|
        // |--B--|----A---|
        MapAnon(0x100, 0x104, anonVma: X);
        MapAnon(0x104, 0x108, Ro);
        Vma above = Modify(0x102, 0x104, Ro);
        Assert.Equal("100-102w 102-108r", Picture());
        Assert.Same(X, above.AnonVma);
    }

    [Fact]
    public void A_whole_VMA_with_new_flags_disappears_in_the_one_below()
    {
        // |--A--|nnnnn|--C--|
        // |-----A-----|--C--|
        MapAnon(0x100, 0x104, Ro);
        MapAnon(0x104, 0x108);
        MapAnon(0x108, 0x10c, VmFlags.Exec);
        Modify(0x104, 0x108, Ro);
        Assert.Equal("100-108r 108-10c?", Picture());
    }

    [Fact]
    public void A_whole_VMA_with_new_flags_disappears_in_the_one_above()
    {
        // |--C--|nnnnn|--A--|
        // |--C--|-----A-----|
        MapAnon(0x100, 0x104, VmFlags.Exec);
        MapAnon(0x104, 0x108);
        MapAnon(0x108, 0x10c, Ro);
        Modify(0x104, 0x108, Ro);
        Assert.Equal("100-104? 104-10cr", Picture());
    }

    [Fact]
    public void New_flags_at_either_end_split_where_no_neighbour_fits()
    {
        // |nnn--A--nnn|
        // |-B-|-A-|-B-|
        MapAnon(0x100, 0x108);
        Modify(0x100, 0x102, Ro);
        Modify(0x106, 0x108, Ro);
        Assert.Equal("100-102r 102-106w 106-108r", Picture());
    }

    [Fact]
    public void New_flags_with_two_anon_vmas_around_merge_below_only()
    {
        // |--A(X)--|nnnnn|--A(Y)--|
        // |------A(X)----|--A(Y)--|
        MapAnon(0x100, 0x104, Ro, X);
        MapAnon(0x104, 0x108);
        MapAnon(0x108, 0x10c, Ro, Y);
        Modify(0x104, 0x108, Ro);
        Assert.Equal("100-108r 108-10cr", Picture());
    }

    [Fact]
    public void Faulted_memory_of_a_forked_child_does_not_merge_with_untouched_memory()
    {
        // |--A(forked)--|n(none)n|   and   |--A(none)--|n(forked)n|   stay two
        MapAnon(0x100, 0x104, Ro, Forked);
        MapAnon(0x104, 0x108);
        Modify(0x104, 0x108, Ro);
        MapAnon(0x200, 0x204, Ro);
        MapAnon(0x204, 0x208, Rw, Forked);
        Modify(0x204, 0x208, Ro);
        Assert.Equal("100-104r 104-108r 200-204r 204-208r", Picture());
    }

    [Fact]
    public void One_forked_anon_vma_on_both_sides_merges()
    {
        MapAnon(0x100, 0x108, Rw, Forked);
        Modify(0x102, 0x104, Ro);
        Assert.Equal(3, set.Tree.Count);
        Modify(0x102, 0x104, Rw);
        Assert.Equal("100-108w", Picture());
    }

    [Fact]
    public void Parts_that_fault_apart_share_an_anon_vma_and_so_merge_again()
    {
        // |--A(none)--|--B(X)--|--A(none)--|   both A's may take X
        Vma below = MapAnon(0x100, 0x10c);
        Vma middle = Modify(0x104, 0x108, Ro);
        Vma above = set.Tree.Last!;
        Assert.Null(VmaMergeRules.FindMergeableAnonVma(below));
        middle.AnonVma = X;
        Assert.Same(X, below.AnonVma = VmaMergeRules.FindMergeableAnonVma(below));
        Assert.Same(X, above.AnonVma = VmaMergeRules.FindMergeableAnonVma(above));
        Modify(0x104, 0x108, Rw);
        Assert.Equal("100-10cw", Picture());
    }

    [Fact]
    public void The_anon_vma_above_comes_first_and_one_from_a_fork_is_never_shared()
    {
        MapAnon(0x100, 0x104, anonVma: X);
        Vma middle = MapAnon(0x104, 0x108, Ro);
        Vma above = MapAnon(0x108, 0x10c, anonVma: Y);
        Assert.Same(Y, VmaMergeRules.FindMergeableAnonVma(middle));
        above.AnonVma = Forked;
        Assert.Same(X, VmaMergeRules.FindMergeableAnonVma(middle));
        above.AnonVma = Y;
        Vma locked = MapAnon(0x10c, 0x110, Rw | VmFlags.Locked);
        Assert.Null(VmaMergeRules.FindMergeableAnonVma(locked));
    }

    [Fact]
    public void The_flags_that_a_VMA_has_change_nothing()
    {
        Vma vma = MapAnon(0x100, 0x108);
        Assert.Same(vma, Modify(0x102, 0x104, Rw));
        Assert.Equal("100-108w", Picture());
    }

    [Fact]
    public void Merging_counts_an_objects_VMAs_down_and_splitting_counts_them_up()
    {
        var file = new AddressSpace(1, "/f", false);
        MapFile(file, 0x100, 0x110, 0);
        Modify(0x104, 0x108, Ro);
        Assert.Equal(3, file.VmaCount);
        Modify(0x104, 0x106, Rw);
        Assert.Equal("100-106w 106-108r 108-110w", Picture());
        Assert.Equal(6UL, set.Tree.Find(0x106000)!.PgOff);
        Modify(0x106, 0x108, Rw);
        Assert.Equal(1, file.VmaCount);
    }
}
