using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>Unmapping, splitting, growth, brk, fork and the counters; merging has its own spec.</summary>
public class VmaSetSpec
{
    private const VmFlags Rw = VmFlags.Read | VmFlags.Write | VmFlags.MayRead | VmFlags.MayWrite | VmFlags.MayExec;
    private readonly VmaSet set = new(12, 0x10000, 0x7fff_ffff_f000);
    private readonly List<UnmappedRange> removed = [];

    private Vma MapAnon(ulong startPage, ulong endPage, VmFlags flags = Rw) =>
        set.Map(startPage << 12, endPage << 12, flags, startPage, null, null);

    private string Picture()
    {
        set.Validate();
        var parts = new List<string>();
        for (Vma? vma = set.Tree.First; vma is not null; vma = vma.Next)
            parts.Add(FormattableString.Invariant($"{vma.Start >> 12:x}-{vma.End >> 12:x}@{vma.PgOff:x}"));
        return string.Join(' ', parts);
    }

    [Fact]
    public void Unmapping_the_middle_leaves_two_ends_with_their_offsets()
    {
        // |------VMA------|
        //      |XXXXX|
        // |----|     |----|
        var file = new AddressSpace(1, "/f", false);
        set.Map(0x100000, 0x108000, Rw, 7, file, null);
        Assert.Equal(Errno.None, set.Unmap(0x102000, 0x105000, removed));
        Assert.Equal("100-102@7 105-108@c", Picture());
        Assert.Equal([new UnmappedRange(0x102000, 0x105000, Rw, 9, file, null)], removed);
        Assert.Equal(2, file.VmaCount);
        Assert.Equal(5UL, set.TotalVmPages);
    }

    [Fact]
    public void What_splits_cuts_or_joins_is_counted_and_what_grows_comes_or_goes_whole_is_not()
    {
        long Of(Action change)
        {
            long before = set.Reshapes;
            change();
            return set.Reshapes - before;
        }

        Assert.Equal(0, Of(() => MapAnon(0x100, 0x104)));
        Assert.Equal(0, Of(() => MapAnon(0x104, 0x108))); // the one below grows
        Assert.Equal(0, Of(() => MapAnon(0x10c, 0x110)));
        Assert.Equal(1, Of(() => MapAnon(0x108, 0x10c))); // joins both
        Assert.Equal(1, Of(() => set.Unmap(0x10f000, 0x110000, removed)));
        Assert.Equal(1, Of(() => set.Unmap(0x104000, 0x105000, removed)));
        Assert.Equal(0, Of(() => set.Unmap(0x100000, 0x104000, removed)));
        Vma vma = set.Tree.First!;
        Assert.Equal(2, Of(() => set.ModifyFlags(vma, 0x106000, 0x107000, Rw & ~VmFlags.Write, out _)));
        Vma middle = set.Tree.FindContaining(0x106000)!;
        Assert.Equal(2, Of(() => set.ModifyFlags(middle, 0x106000, 0x107000, Rw, out _))); // both are swallowed
    }

    [Fact]
    public void Unmapping_over_holes_reports_the_pieces_in_order_of_address()
    {
        // |--A--|   |--B--|  |--C--|
        //     |XXXXXXXXXXXXXXXX|
        // |--A|                |-C-|
        MapAnon(0x100, 0x104);
        MapAnon(0x106, 0x108);
        MapAnon(0x10a, 0x10e);
        Assert.Equal(Errno.None, set.Unmap(0x103000, 0x10b000, removed));
        Assert.Equal("100-103@100 10b-10e@10b", Picture());
        Assert.Equal([(0x103UL, 0x104UL, 0x103UL), (0x106UL, 0x108UL, 0x106UL), (0x10aUL, 0x10bUL, 0x10aUL)],
            removed.Select(r => (r.Start >> 12, r.End >> 12, r.PgOff)));
    }

    [Fact]
    public void Unmapping_a_hole_does_nothing()
    {
        MapAnon(0x100, 0x104);
        Assert.Equal(Errno.None, set.Unmap(0x104000, 0x200000, removed));
        Assert.Empty(removed);
        Assert.Equal("100-104@100", Picture());
    }

    [Fact]
    public void A_full_set_refuses_to_cut_a_VMA_in_two_but_trims_its_ends()
    {
        var full = new VmaSet(12, 0x10000, 0x7fff_ffff_f000, maxMapCount: 2);
        full.Map(0x100000, 0x108000, Rw, 0x100, null, null);
        full.Map(0x200000, 0x208000, Rw, 0x200, null, null);
        Assert.Equal(Errno.ENOMEM, full.Unmap(0x102000, 0x103000, removed));
        Assert.Empty(removed);
        Assert.Equal(16UL, full.TotalVmPages);
        Assert.Equal(Errno.None, full.Unmap(0x107000, 0x201000, removed));
        Assert.Equal(2, full.Tree.Count);
        full.Validate();
    }

    [Fact]
    public void A_full_set_refuses_new_flags_for_a_part_and_may_leave_the_first_split()
    {
        var nearlyFull = new VmaSet(12, 0x10000, 0x7fff_ffff_f000, maxMapCount: 2);
        Vma vma = nearlyFull.Map(0x100000, 0x108000, Rw, 0x100, null, null);
        Assert.Equal(Errno.ENOMEM, nearlyFull.ModifyFlags(vma, 0x102000, 0x104000, VmFlags.Read, out Vma part));
        Assert.Equal(Rw, part.Flags);
        Assert.Equal(2, nearlyFull.Tree.Count);
        Assert.True(nearlyFull.Tree.Last!.LeftUnmerged);
        nearlyFull.Validate();
        Assert.Equal(8UL, nearlyFull.DataVmPages);
    }

    [Fact]
    public void The_heap_grows_in_place_but_does_not_join_the_bss_below_it()
    {
        MapAnon(0x100, 0x102);
        Vma heap = set.MapBrk(0x102000, 0x104000, Rw, startBrk: 0x102000)!;
        Assert.Equal("100-102@100 102-104@102", Picture());
        Assert.True(heap.LeftUnmerged);
        Assert.Same(heap, set.MapBrk(0x104000, 0x109000, Rw, startBrk: 0x102000));
        Assert.Equal("100-102@100 102-109@102", Picture());
    }

    [Fact]
    public void A_mapping_above_the_heap_merges_with_it_as_with_any_memory()
    {
        Vma heap = set.MapBrk(0x102000, 0x104000, Rw, startBrk: 0x102000)!;
        Assert.Same(heap, MapAnon(0x104, 0x106));
        Assert.Equal("102-106@102", Picture());
    }

    [Fact]
    public void A_stack_grows_down_with_its_offset()
    {
        Vma stack = MapAnon(0x7fff0, 0x80000, Rw | VmFlags.GrowsDown);
        Assert.Same(stack, set.Expand(stack, 0x7ff00000, 0x80000000));
        Assert.Equal("7ff00-80000@7ff00", Picture());
        Assert.Equal(0x100UL, set.StackVmPages);
        Assert.Equal(0UL, set.DataVmPages);
    }

    [Fact]
    public void Growth_never_merges_and_says_so()
    {
        MapAnon(0x100, 0x102);
        Vma vma = MapAnon(0x104, 0x106);
        set.Expand(vma, 0x102000, 0x106000);
        Assert.Equal("100-102@100 102-106@102", Picture());
        Assert.True(vma.LeftUnmerged);
        Assert.Throws<KernelBug>(() => set.Expand(vma, 0x101000, 0x106000));
    }

    [Fact]
    public void Splitting_keeps_pages_and_both_parts()
    {
        var file = new AddressSpace(1, "/f", false);
        Vma lower = set.Map(0x100000, 0x104000, Rw, 3, file, null);
        lower.AnonVma = new AnonVmas().New(null);
        Vma upper = set.Split(lower, 0x101000);
        Assert.Equal("100-101@3 101-104@4", Picture());
        Assert.Same(lower.AnonVma, upper.AnonVma);
        Assert.Equal(2, file.VmaCount);
        Assert.Throws<KernelBug>(() => set.Split(upper, upper.Start));
    }

    [Fact]
    public void Fork_copies_in_order_without_what_is_not_for_children()
    {
        var file = new AddressSpace(1, "/f", false);
        set.Map(0x100000, 0x104000, Rw, 3, file, null);
        MapAnon(0x200, 0x204, Rw | VmFlags.DontCopy);
        MapAnon(0x300, 0x304, Rw | VmFlags.Locked).AnonVma = new AnonVmas().New(null);
        MapAnon(0x400, 0x404, Rw | VmFlags.WipeOnFork).AnonVma = new AnonVmas().New(null);
        VmaSet child = set.CopyFor(vma => new AnonVmas().New(vma.AnonVma));
        child.Validate();
        Assert.Equal(3, child.Tree.Count);
        Assert.Equal(2, file.VmaCount);
        Assert.Null(child.Tree.Find(0x100000)!.AnonVma);
        Assert.Same(set.Tree.Find(0x300000)!.AnonVma, child.Tree.Find(0x300000)!.AnonVma!.Parent);
        Assert.Null(child.Tree.Find(0x400000)!.AnonVma);
        Assert.Equal(4UL, set.LockedVmPages);
        Assert.Equal(0UL, child.LockedVmPages);
        Assert.Equal(12UL, child.TotalVmPages);
        child.Clear();
        Assert.Equal(1, file.VmaCount);
        Assert.Equal(default, child.Counters);
        Assert.Equal(0, child.Tree.Count);
        set.Validate();
    }

    [Theory]
    [InlineData(VmFlags.Read, 1, 0, 0, 0)]
    [InlineData(VmFlags.Read | VmFlags.Exec, 1, 1, 0, 0)]
    [InlineData(VmFlags.Write | VmFlags.Exec, 1, 0, 0, 1)]
    [InlineData(VmFlags.Write, 1, 0, 0, 1)]
    [InlineData(VmFlags.Write | VmFlags.Shared, 1, 0, 0, 0)]
    [InlineData(VmFlags.Write | VmFlags.GrowsDown, 1, 0, 1, 0)]
    [InlineData(VmFlags.Exec | VmFlags.GrowsDown, 1, 0, 1, 0)]
    public void A_page_counts_by_its_flags_as_in_vm_stat_account(VmFlags flags, int all, int exec, int stack, int data)
    {
        MapAnon(0x100, 0x101, flags);
        Assert.Equal(((ulong)all, (ulong)exec, (ulong)stack, (ulong)data),
            (set.TotalVmPages, set.ExecVmPages, set.StackVmPages, set.DataVmPages));
        set.Validate();
    }

    [Fact]
    public void Mapping_over_a_VMA_outside_the_address_space_or_half_pages_is_a_bug_and_names_I21()
    {
        MapAnon(0x100, 0x104);
        Assert.Contains("I21", Assert.Throws<KernelBug>(() => MapAnon(0x103, 0x105)).Message, StringComparison.Ordinal);
        Assert.Contains("I21", Assert.Throws<KernelBug>(() => MapAnon(0x1, 0x2)).Message, StringComparison.Ordinal);
        Assert.Throws<KernelBug>(() => set.Map(0x7fff_ffff_e000, 0x8000_0000_0000, Rw, 0, null, null));
        Assert.Throws<KernelBug>(() => set.Map(0x200800, 0x201800, Rw, 0, null, null));
    }

    [Fact]
    public void Validation_finds_wrong_counters_links_and_gaps()
    {
        MapAnon(0x100, 0x104);
        Vma vma = MapAnon(0x200, 0x204);
        MapAnon(0x300, 0x304);
        vma.Flags |= VmFlags.Locked;
        Assert.Contains("I21", Assert.Throws<KernelBug>(set.Validate).Message, StringComparison.Ordinal);
        vma.Flags &= ~VmFlags.Locked;
        set.Validate();
        vma.MaxGap--;
        Assert.Contains("largest gap", Assert.Throws<KernelBug>(set.Validate).Message, StringComparison.Ordinal);
        vma.MaxGap++;
        vma.End = 0x301000;
        Assert.Contains("wrong side", Assert.Throws<KernelBug>(set.Validate).Message, StringComparison.Ordinal);
    }
}
