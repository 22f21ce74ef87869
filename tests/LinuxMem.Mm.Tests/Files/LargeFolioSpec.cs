using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>
/// Pages that one write put into the cache together are mapped, cut and dropped together. What is mapped and cached in
/// each case is what Linux 6.18.44 showed of files on ext4, in /proc/self/pagemap and by mincore.
/// </summary>
public sealed class LargeFolioSpec : IDisposable
{
    private const ulong At = 0x5000_5000; // the sixth page of a leaf table: windows and folios cross
    private const ulong Source = 0x7000_0000;
    private readonly FileRig rig = new();
    private readonly int fd;

    public LargeFolioSpec()
    {
        rig.Kernel.Map(rig.Task, Source, 64);
        fd = rig.Open("f");
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(1, 27, 42)]
    [InlineData(4, 24, 43)]
    [InlineData(8, 24, 47)]
    [InlineData(16, 16, 47)]
    [InlineData(32, 0, 63)]
    public void A_load_maps_the_folios_at_the_edges_of_its_window_too(ulong pages, int first, int last)
    {
        for (ulong at = 0; at < 96; at += pages)
            Write(at, pages);
        rig.Map(fd, At, 96, MapFlags.Shared);
        Touch(40, AccessKind.Read);
        Assert.Equal((first, last), Mapped(96));
    }

    [Theory]
    [InlineData(MapFlags.Shared, 32, 47)]
    [InlineData(MapFlags.Private, 40, 40)]
    public void A_store_maps_its_folio_or_a_copy_of_one_page(MapFlags type, int first, int last)
    {
        for (ulong at = 0; at < 64; at += 16)
            Write(at, 16);
        rig.Map(fd, At, 64, type);
        Touch(40, AccessKind.Write);
        Assert.Equal((first, last), Mapped(64));
    }

    [Theory]
    [InlineData(3, 32, 16, AccessKind.Read, 11, 26)] // the mapping begins inside the folio
    [InlineData(3, 32, 13, AccessKind.Write, 13, 13)]
    [InlineData(0, 29, 16, AccessKind.Read, 11, 26)] // and ends inside it
    [InlineData(0, 29, 16, AccessKind.Write, 16, 16)]
    [InlineData(0, 32, 16, AccessKind.Write, 0, 31)]
    public void A_folio_that_is_not_inside_the_mapping_is_mapped_by_page(
        ulong offset, ulong pages, ulong at, AccessKind kind, int first, int last)
    {
        Write(0, 32);
        Write(32, 16);
        rig.Map(fd, At, pages, MapFlags.Shared, offset: offset * 4096);
        Touch(at, kind);
        Assert.Equal((first, last), Mapped(pages));
    }

    [Fact]
    public void A_folio_does_not_cross_the_edge_of_a_page_table()
    {
        Write(0, 32);
        Write(32, 16);
        const ulong edge = 0x5020_0000 - (2 * 4096);
        rig.Map(fd, edge, 32, MapFlags.Shared);
        Touch(4, AccessKind.Write, edge);
        Assert.Equal((4, 4), Mapped(32, edge));
    }

    [Fact]
    public void What_is_around_is_not_mapped_of_the_folio_in_which_the_file_ends()
    {
        Write(0, 32);
        rig.Map(fd, At, 20, MapFlags.Shared, offset: 10 * 4096);
        Touch(10, AccessKind.Read);
        Assert.Equal((10, 10), Mapped(20)); // nor does it fit as a whole
        rig.Map(fd, At, 32, MapFlags.Shared);
        Touch(10, AccessKind.Read);
        Assert.Equal((0, 31), Mapped(32));
    }

    [Fact]
    public void A_folio_is_no_larger_than_what_is_left_to_write_and_aligned_to_itself()
    {
        rig.Call(SyscallNr.Pwrite64, (ulong)fd, Source, 3000, 0);
        rig.Call(SyscallNr.Pwrite64, (ulong)fd, Source, 20 * 4096, 3000);
        Write(80, 1);
        foreach ((ulong at, int first, int last) in new[] { (0UL, 0, 0), (2UL, 2, 3), (5UL, 4, 7), (9UL, 8, 15),
            (17UL, 16, 19), (20UL, 20, 20) })
        {
            rig.Map(fd, At, 64, MapFlags.Shared);
            Touch(at, AccessKind.Write);
            Assert.Equal((first, last), Mapped(64));
        }
    }

    [Fact]
    public void A_folio_leaves_room_for_a_page_that_is_cached_already()
    {
        Write(5, 1);
        Write(0, 32);
        Write(50, 1);
        foreach ((ulong at, int first, int last) in new[] { (1UL, 0, 3), (4UL, 4, 4), (5UL, 5, 5), (7UL, 6, 7),
            (8UL, 8, 15), (16UL, 16, 31) })
        {
            rig.Map(fd, At, 64, MapFlags.Shared);
            Touch(at, AccessKind.Write);
            Assert.Equal((first, last), Mapped(64));
        }
    }

    [Fact]
    public void A_clean_folio_is_split_where_the_file_is_cut()
    {
        Write(0, 32);
        rig.Call(SyscallNr.Fsync, (ulong)fd);
        rig.Map(fd, At, 64, MapFlags.Shared);
        Touch(3, AccessKind.Read);
        Assert.Equal((0, 31), Mapped(64));
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 13 * 4096);
        Assert.Equal((-1, -1), Mapped(64)); // of what stays, too
        Assert.Equal((0, 12), Cached(64));
        foreach ((ulong at, int last) in new[] { (1UL, 7), (5UL, 7), (9UL, 11), (12UL, 12) })
        {
            Touch(at, AccessKind.Write);
            Assert.Equal((0, last), Mapped(64));
        }
    }

    [Fact]
    public void A_folio_that_is_still_to_be_written_stays_whole_behind_the_end_of_the_file()
    {
        Write(0, 32);
        rig.Map(fd, At, 64, MapFlags.Shared);
        Touch(3, AccessKind.Read);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 13 * 4096);
        Assert.Equal((-1, -1), Mapped(64));
        Assert.Equal((0, 31), Cached(64));
        Touch(1, AccessKind.Write);
        Assert.Equal((1, 1), Mapped(64)); // the file ends inside it
        rig.Map(fd, At, 64, MapFlags.Shared);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 40 * 4096);
        Touch(2, AccessKind.Write);
        Assert.Equal((0, 31), Mapped(64));
        Assert.Equal(0UL, rig.Kernel.Load(rig.Task, At + (20 * 4096)));
    }

    [Theory]
    [InlineData(true, 12)]
    [InlineData(false, 63)]
    public void A_hole_splits_a_clean_folio_at_both_ends_and_leaves_a_dirty_one_whole(bool isClean, int last)
    {
        Write(0, 64);
        if (isClean)
            rig.Call(SyscallNr.Fsync, (ulong)fd);
        rig.Map(fd, At, 64, MapFlags.Shared);
        Touch(3, AccessKind.Read);
        rig.Call(SyscallNr.Fallocate, (ulong)fd, 3, 13 * 4096, 6 * 4096);
        Assert.Equal((-1, -1), Mapped(64));
        Assert.Equal((0, last), Cached(64));
        foreach ((ulong at, int from, int to) in new[] { (8UL, 8, 11), (19UL, 19, 19), (20UL, 20, 23), (24UL, 24, 31),
            (40UL, 32, 63) })
        {
            rig.Map(fd, At, 64, MapFlags.Shared);
            Touch(at, AccessKind.Write);
            Assert.Equal(isClean ? (from, to) : (0, 63), Mapped(64));
        }
    }

    [Fact]
    public void Advice_that_a_part_of_a_folio_is_not_needed_drops_none_of_it()
    {
        Write(0, 32);
        rig.Call(SyscallNr.Fsync, (ulong)fd);
        rig.Map(fd, At, 64, MapFlags.Shared);
        rig.Call(SyscallNr.Fadvise64, (ulong)fd, 4 * 4096, 8 * 4096, 4);
        Assert.Equal((0, 31), Cached(64));
        rig.Call(SyscallNr.Fadvise64, (ulong)fd, 0, 32 * 4096, 4);
        Assert.Equal((-1, -1), Cached(64));
    }

    [Fact]
    public void Writing_out_a_part_of_a_folio_writes_all_of_it()
    {
        Write(0, 32);
        Write(32, 16);
        rig.Map(fd, At, 64, MapFlags.Shared);
        Touch(3, AccessKind.Write);
        rig.Call(SyscallNr.Msync, At + (20 * 4096), 4096, 4);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 13 * 4096);
        Assert.Equal((0, 12), Cached(64)); // it could be split
    }

    [Fact]
    public void A_store_to_a_page_that_was_only_read_makes_its_folio_dirty()
    {
        Write(0, 32);
        Write(32, 16);
        rig.Call(SyscallNr.Fsync, (ulong)fd);
        rig.Map(fd, At, 64, MapFlags.Shared);
        Touch(3, AccessKind.Read);
        Touch(20, AccessKind.Write);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 13 * 4096);
        Assert.Equal((0, 31), Cached(64)); // it could not be split
    }

    private void Write(ulong index, ulong pages) => Assert.Equal((long)(pages * 4096),
        rig.Call(SyscallNr.Pwrite64, (ulong)fd, Source, pages * 4096, index * 4096));

    private void Touch(ulong page, AccessKind kind, ulong at = At) =>
        Assert.True(rig.Kernel.Access(rig.Task, at + (page * 4096), kind));

    // The first run of pages that have entries.
    private (int First, int Last) Mapped(ulong pages, ulong at = At) =>
        Run(i => rig.Kernel.Entry(rig.Task.Mm, at + (i * 4096)) != 0, pages);

    private (int First, int Last) Cached(ulong pages)
    {
        rig.Call(SyscallNr.Mincore, At, pages * 4096, FileRig.Buffer);
        byte[] vector = rig.Peek(FileRig.Buffer, (int)pages);
        return Run(i => vector[i] == 1, pages);
    }

    private static (int First, int Last) Run(Func<ulong, bool> isIn, ulong pages)
    {
        (int first, int last) = (-1, -1);
        for (ulong i = 0; i < pages && (last < 0 || last == (int)i - 1); i++)
        {
            if (!isIn(i))
                continue;
            first = first < 0 ? (int)i : first;
            last = (int)i;
        }

        return (first, last);
    }
}
