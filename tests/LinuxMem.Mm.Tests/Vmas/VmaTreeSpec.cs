using CsCheck;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Tests.Vmas;

/// <summary>Look-up, gap search and shape of the tree at sizes that the page-array fuzz does not reach.</summary>
public class VmaTreeSpec
{
    private const ulong Guard = 256UL << 12;
    private readonly VmaTree tree = new(12, 0x10000, 0x7fff_ffff_f000);

    private Vma Add(ulong start, ulong end, VmFlags flags = VmFlags.Read)
    {
        var vma = new Vma(12, start, end, flags, start >> 12, null, null);
        tree.Insert(vma);
        return vma;
    }

    [Fact]
    public void Find_returns_the_first_VMA_that_ends_above_the_address()
    {
        Vma a = Add(0x100000, 0x102000), b = Add(0x200000, 0x202000);
        Assert.Same(a, tree.Find(0));
        Assert.Same(a, tree.Find(0x101fff));
        Assert.Same(b, tree.Find(0x102000));
        Assert.Null(tree.Find(0x202000));
        Assert.Null(tree.FindContaining(0x102000));
        Assert.Same(b, tree.FindContaining(0x201fff));
        Assert.Null(tree.FindIntersection(0x102000, 0x200000));
        Assert.Same(b, tree.FindIntersection(0x102000, 0x200001));
        Assert.Same(b, tree.Next(a));
        Assert.Same(a, tree.Prev(b));
    }

    [Fact]
    public void A_thousand_in_order_of_address_keep_the_tree_low_and_valid_until_all_are_gone()
    {
        var vmas = new List<Vma>();
        for (ulong i = 0; i < 1000; i++)
            vmas.Add(Add(0x100000 + (i << 13), 0x101000 + (i << 13)));
        tree.Validate();
        for (int i = 0; i < vmas.Count; i++)
        {
            Assert.Same(vmas[i], tree.Find(vmas[i].Start));
            Assert.InRange(vmas[i].Height, 1, 14); // 1.44 log2(1000)
        }
        for (int i = 0; i < vmas.Count; i++)
        {
            tree.Remove(vmas[i * 7 % 1000]);
            if (i % 50 == 0)
                tree.Validate();
        }
        tree.Validate();
        Assert.Equal(0, tree.Count);
        Assert.Null(tree.First ?? tree.Last);
    }

    [Fact]
    public void Random_inserts_removals_and_resizes_keep_every_invariant() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 299], Gen.Int[1, 4]).List[50, 400].Sample(
            steps =>
            {
                var fuzzed = new VmaTree(12, 0x1000, 0x1000_0000);
                var slots = new Vma?[300];
                foreach ((int what, int slot, int pages) in steps)
                {
                    ulong start = 0x10000 + ((ulong)slot << 15), end = start + ((ulong)pages << 12);
                    if (slots[slot] is not { } vma)
                        fuzzed.Insert(slots[slot] = new Vma(12, start, end, VmFlags.None, 0, null, null));
                    else if (what == 0)
                        fuzzed.Resize(vma, start + 0x1000, end + 0x1000);
                    else
                        (slots[slot], _) = (null, Remove(fuzzed, vma));
                    fuzzed.Validate();
                }
                Assert.Equal(slots.Count(s => s is not null), fuzzed.Count);
            },
            iter: 60, threads: 1);

    [Fact]
    public void The_highest_gap_is_just_below_the_window_or_a_VMA()
    {
        Assert.Equal(0x7fff_ffff_e000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x1000, 0, 0, Guard));
        Add(0x7fff_f7fe_f000, 0x7fff_ffff_f000);
        Assert.Equal(0x7fff_f7fe_e000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x1000, 0, 0, Guard));
        Assert.Equal(0x10000UL, tree.FindGapBottomUp(0, ulong.MaxValue, 0x1000, 0, 0, Guard));
        Assert.Null(tree.FindGapTopDown(0, ulong.MaxValue, 0x7fff_ffff_f000, 0, 0, Guard));
        Assert.Null(tree.FindGapTopDown(0, ulong.MaxValue, ulong.MaxValue & ~0xfffUL, 0x1fffff, 0, Guard));
    }

    [Fact]
    public void A_stack_keeps_its_guard_gap_free_below()
    {
        // |      free      |<-- 256 pages -->|--stack--|
        Add(0x7fff_fffd_e000, 0x7fff_ffff_f000, VmFlags.Read | VmFlags.GrowsDown);
        Assert.Equal(0x7fff_ffed_d000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x1000, 0, 0, Guard));
    }

    [Fact]
    public void A_hole_that_only_a_guard_makes_too_small_hides_all_others_above_the_guards_start()
    {
        // Recorded on Linux 6.18: |b| free |a| 4 pages |growing|: two pages went 256 pages below, not below a.
        Add(0x7ffff7e83000, 0x7ffff7e87000, VmFlags.Read | VmFlags.GrowsDown);
        Add(0x7ffff7e75000, 0x7ffff7e7f000);
        Add(0x7ffff7e87000, 0x7fff_ffff_f000);
        Assert.Equal(0x7ffff7d81000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x2000, 0, 0, Guard));
        Assert.Equal(0x7ffff7e70000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x5000, 0, 0, Guard));
    }

    [Fact]
    public void Alignment_wants_room_for_its_worst_case()
    {
        // The hole [2 MiB, 4 MiB) would hold an aligned 2 MiB, but Linux looks for 2 MiB + 2 MiB - 4 KiB.
        Add(0x10000, 0x200000);
        Add(0x400000, 0x7fff_ffff_f000);
        Assert.Null(tree.FindGapTopDown(0, ulong.MaxValue, 0x200000, 0x1ff000, 0, Guard));
        Assert.Equal(0x200000UL, tree.FindGapTopDown(0, ulong.MaxValue, 0x200000, 0, 0, Guard));
    }

    [Fact]
    public void A_VMA_is_in_one_tree_once()
    {
        Vma vma = Add(0x100000, 0x102000);
        Assert.Throws<KernelBug>(() => tree.Insert(vma));
        tree.Remove(vma);
        Assert.Throws<KernelBug>(() => tree.Remove(vma));
        Assert.Throws<KernelBug>(() => tree.Resize(vma, 0x100000, 0x103000));
    }

    private static bool Remove(VmaTree from, Vma vma)
    {
        from.Remove(vma);
        return true;
    }
}
