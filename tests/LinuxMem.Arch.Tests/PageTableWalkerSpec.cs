using CsCheck;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tests.Support;

namespace LinuxMem.Arch.Tests;

public sealed class PageTableWalkerSpec
{
    public static TheoryData<string> Geometries => [.. PagingGeometry.All.Select(g => g.Name)];

    [Theory]
    [MemberData(nameof(Geometries))]
    public void An_address_is_assembled_from_its_indices(string name)
    {
        PagingGeometry g = PagingGeometry.ByName(name)!;
        Gen.ULong.Sample(bits =>
        {
            int unused = 64 - g.VirtualBits;
            ulong va = unused == 32 ? (uint)bits : (ulong)((long)(bits << unused) >> unused);
            int[] indices = [.. g.Levels.Select(level => level.IndexOf(va))];
            Assert.True(PageTableWalker.IsCanonical(g, va));
            Assert.Equal(va, PageTableWalker.Assemble(g, indices, va & g.PageOffsetMask));
        });
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void A_mapped_address_translates_to_its_frame_and_keeps_its_offset(string name)
    {
        PagingGeometry g = PagingGeometry.ByName(name)!;
        Gen.ULong.Sample(seed =>
        {
            using var world = new World(g);
            var random = new TestRandom(seed);
            var mapped = new Dictionary<ulong, uint>();
            for (uint i = 0; i < 20; i++)
                mapped[random.Next() % g.TaskSize & ~g.PageOffsetMask] = 900 + i;
            foreach ((ulong va, uint pfn) in mapped)
                world.Map(va, pfn);
            foreach ((ulong va, uint pfn) in mapped)
            {
                ulong offset = random.Next() & g.PageOffsetMask;
                Assert.True(PageTableWalker.TryTranslate(world.Ram, g, world.Mm.Root, va + offset, out ulong physical));
                Assert.Equal(((ulong)pfn << g.PageShift) + offset, physical);
                Assert.Equal(g.Levels.Length, PageTableWalker.Walk(world.Ram, g, world.Mm.Root, va).LevelsRead);
            }
        }, iter: 50, threads: 1);
    }

    [Fact]
    public void A_walk_says_how_far_the_tables_go()
    {
        using var world = new World(PagingGeometry.X86_64);
        world.Map(0x40_0000, 600);
        WalkResult sameTable = PageTableWalker.Walk(world.Ram, world.Geometry, world.Mm.Root, 0x40_1000);
        WalkResult noTable = PageTableWalker.Walk(world.Ram, world.Geometry, world.Mm.Root, 0x8000_0000);
        Assert.Equal((true, 0UL, 1, 4), (sameTable.HasLeaf, sameTable.Entry, sameTable.Index, sameTable.LevelsRead));
        Assert.Equal((false, 0UL, 2), (noTable.HasLeaf, noTable.Entry, noTable.LevelsRead));
        Assert.False(PageTableWalker.TryTranslate(world.Ram, world.Geometry, world.Mm.Root, 0x40_1000, out _));
    }

    [Theory]
    [InlineData("x86-64", 0x7fff_ffff_ffff, true)]
    [InlineData("x86-64", 0x8000_0000_0000, false)]
    [InlineData("x86-64", 0xffff_8000_0000_0000, true)]
    [InlineData("x86-64", 0xffff_7fff_ffff_ffff, false)]
    [InlineData("x86-64-la57", 0xff_ffff_ffff_ffff, true)]
    [InlineData("x86-64-la57", 0x100_0000_0000_0000, false)]
    [InlineData("i386", 0xffff_ffff, true)]
    [InlineData("i386", 0x1_0000_0000, false)]
    [InlineData("i386-pae", 0xffff_ffff_ffff_ffff, false)]
    [InlineData("alpha", 0xffff_ffff_ffff_ffff, true)]
    public void Canonical_addresses_are_the_sign_extended_ones(string name, ulong va, bool canonical) =>
        Assert.Equal(canonical, PageTableWalker.IsCanonical(PagingGeometry.ByName(name)!, va));

    [Fact]
    public void A_table_outside_RAM_is_an_error_and_no_wild_read()
    {
        using var world = new World(PagingGeometry.X86_64);
        world.Map(0x40_0000, 600);
        world.Ram.WriteEntry(world.Mm.Root, 0, 8, world.Format.Make(1 << 20, world.Format.TableBits));
        Assert.Throws<InvalidOperationException>(
            () => PageTableWalker.Walk(world.Ram, world.Geometry, world.Mm.Root, 0x40_0000));
    }
}
