using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>PAGEMAP_SCAN tells what Linux 6.18 tells: every expectation here was measured there.</summary>
public sealed class PagemapScanSpec : IDisposable
{
    private const ulong Arena = 0x4000_0000, Page = 4096, Arguments = FileRig.Buffer, Vec = FileRig.Buffer + 4096;
    private const ulong Scan = 0xc060_6610, All = 0x1ff;
    private const ulong Written = 2, Present = 8, Guard = 0x100;
    private const ulong Protects = 1, Checks = 2;
    private readonly FileRig rig = new();
    private readonly ulong pagemap;

    public PagemapScanSpec()
    {
        rig.Peek(Vec, 1);
        pagemap = (ulong)rig.Open("/proc/self/pagemap", 0);
        Map(Arena, 64);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Equal_neighbours_are_one_range_and_what_is_not_there_counts_as_written_beside_what_is()
    {
        Touch(0, 2, 17, 18, 19);
        rig.Call(SyscallNr.Madvise, Arena + (20 * Page), Page, 102);
        Assert.Equal("0-1:a 2-3:a 17-20:a end 64", Told(0, 64, mask: Present));
        Assert.Equal("0-1:a 1-2:2 2-3:a 3-17:2 17-20:a 20-21:112 21-64:2 end 64", Told(0, 64));
        Assert.Equal("1-2:2 3-17:2 20-21:112 21-64:2 end 64", Told(0, 64, inverted: Present, mask: Present));
        Assert.Equal("20-21:112 end 64", Told(0, 64, anyOf: Guard));
        Assert.Equal("0-1:0 2-3:0 17-20:0 end 64", Told(0, 64, mask: Present, returned: 0));
    }

    [Fact]
    public void It_stops_where_there_is_no_room_for_ranges_or_pages_and_says_where()
    {
        Touch(0, 2, 4, 17, 18, 19);
        Assert.Equal("0-1:8 end 2", Told(0, 64, mask: Present, returned: Present, pagesMax: 1));
        Assert.Equal("17-19:8 end 19", Told(16, 64, mask: Present, returned: Present, pagesMax: 2));
        Assert.Equal("0-1:8 end 2", Told(0, 64, mask: Present, returned: Present, room: 1));
        Assert.Equal("0-1:8 2-3:8 end 4", Told(0, 64, mask: Present, returned: Present, room: 2));
        Assert.Equal("end 64", Told(0, 64, mask: Present, returned: Present, room: 0));
    }

    [Fact]
    public void What_has_no_table_is_not_written_unless_it_can_be_protected()
    {
        const ulong far = 0x5000_0000;
        Map(far, 1024);
        rig.Poke(far + (600 * Page), [1]);
        Assert.Equal("0-512:0 512-600:2 600-601:a 601-1024:2 end 1024", Told(0, 1024, at: far));
        Register(far, 1024);
        Assert.Equal("0-600:3 600-601:b 601-1024:3 end 1024", Told(0, 1024, at: far));
        Assert.Equal("0-100:3 end 100", Told(0, 1024, at: far, flags: Protects, pagesMax: 100));
        Assert.Equal("0-100:11 100-600:3 600-601:b 601-1024:3 end 1024", Told(0, 1024, at: far));
    }

    [Fact]
    public void What_is_protected_as_it_is_told_of_is_written_again_after_a_store_alone()
    {
        Touch(0, 2);
        Register(Arena, 64);
        Assert.Equal("0-2:2 end 2", Told(0, 64, flags: Protects, mask: Written, returned: Written, pagesMax: 2));
        Assert.Equal("0-1:9 1-2:11 2-3:b 3-64:3 end 64", Told(0, 64));
        Touch(0, 30);
        Assert.Equal("0-1:b 1-2:11 2-3:b 3-30:3 30-31:b 31-64:3 end 64", Told(0, 64, flags: Checks));
        // Without room for ranges, all is protected where there are tables, whatever the mask.
        Assert.Equal("end 64", Told(0, 64, flags: Protects, mask: Present, room: 0));
        Assert.Equal("0-1:9 1-2:11 2-3:9 3-30:11 30-31:9 31-64:11 end 64", Told(0, 64));
        rig.Call(SyscallNr.Madvise, Arena, 2 * Page, 4);
        Assert.Equal("0-2:3 2-3:9 end 3", Told(0, 3));
        Assert.Equal([0UL, 0, (1UL << 63) | (1UL << 57) | (1UL << 56), (1UL << 62) | (1UL << 57) | 0x3f], Entries(4));
    }

    [Fact]
    public void Memory_that_nobody_can_protect_is_passed_over_or_refused()
    {
        Touch(0);
        Assert.Equal("end 64", Told(0, 64, flags: Protects));
        Assert.Equal("EPERM end 64", Told(0, 64, flags: Checks));
    }

    [Theory]
    [InlineData(0, 95UL, Errno.EINVAL)] // size
    [InlineData(1, 4UL, Errno.EINVAL)] // flags
    [InlineData(2, Arena + 1, Errno.EINVAL)]
    [InlineData(3, Arena - Page, Errno.EFAULT)] // ends before it begins
    [InlineData(5, 0UL, Errno.EINVAL)] // room for ranges, and no place
    [InlineData(5, 1UL << 47, Errno.EFAULT)]
    [InlineData(9, 0x200UL, Errno.EINVAL)] // no such category
    public void What_is_asked_for_is_checked_before_anything_is_done(int word, ulong value, Errno error)
    {
        ulong[] words = [96, 0, Arena, Arena + Page, 0, Vec, 10, 0, 0, 0, 0, All];
        words[word] = value;
        Poke(words);
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Ioctl, pagemap, Scan, Arguments));
    }

    [Fact]
    public void Another_command_and_a_bad_address_are_refused()
    {
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Ioctl, pagemap, 0x6610, Arguments));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Ioctl, pagemap, Scan, 8));
    }

    private string Told(ulong from, ulong to, ulong flags = 0, ulong inverted = 0, ulong mask = 0, ulong anyOf = 0,
        ulong returned = All, ulong pagesMax = 0, ulong room = 100, ulong at = Arena)
    {
        Poke([96, flags, at + (from * Page), at + (to * Page), 77, room == 0 ? 0 : Vec, room, pagesMax, inverted, mask,
            anyOf, returned]);
        long count = rig.Call(SyscallNr.Ioctl, pagemap, Scan, Arguments);
        var told = new List<string>();
        if (count < 0)
            told.Add(((Errno)(-count)).ToString());
        for (long i = 0; i < count; i++)
        {
            ulong[] words = Words(Vec + ((ulong)i * 24), 3);
            told.Add($"{(words[0] - at) / Page}-{(words[1] - at) / Page}:{words[2]:x}");
        }

        told.Add($"end {(Words(Arguments + 32, 1)[0] - at) / Page}");
        return string.Join(' ', told);
    }

    private ulong[] Entries(ulong count)
    {
        rig.Call(SyscallNr.Pread64, pagemap, Vec, count * 8, Arena / Page * 8);
        const ulong frame = (1UL << 55) - 1;
        return [.. Words(Vec, (int)count).Select(e => (e >> 63) != 0 ? e & ~frame : e)];
    }

    private ulong[] Words(ulong at, int count)
    {
        byte[] bytes = rig.Peek(at, count * 8);
        return [.. Enumerable.Range(0, count).Select(i => BitConverter.ToUInt64(bytes, i * 8))];
    }

    private void Poke(params ulong[] words) => rig.Poke(Arguments, [.. words.SelectMany(BitConverter.GetBytes)]);

    private void Map(ulong at, ulong pages) =>
        Assert.Equal((long)at, rig.Call(SyscallNr.Mmap, at, pages * Page, 3, 0x32, ulong.MaxValue));

    private void Touch(params ReadOnlySpan<ulong> pages)
    {
        foreach (ulong page in pages)
            rig.Poke(Arena + (page * Page), [1]);
    }

    private void Register(ulong at, ulong pages)
    {
        const ulong api = 0xc018_aa3f, register = 0xc020_aa00, byItself = 1 << 15;
        ulong fd = (ulong)rig.Call(SyscallNr.Userfaultfd);
        Poke(0xaa, byItself, 0);
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, api, Arguments));
        Poke(at, pages * Page, 2, 0);
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, register, Arguments));
    }
}
