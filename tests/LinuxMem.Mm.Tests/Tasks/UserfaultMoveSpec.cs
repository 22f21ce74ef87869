using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>UFFDIO_MOVE and UFFDIO_POISON answer what Linux 6.18 answers, as it was measured there.</summary>
public sealed class UserfaultMoveSpec : IDisposable
{
    private const ulong Move = 0xc028_aa05, Poison = 0xc020_aa08, Copy = 0xc028_aa03, ZeroPage = 0xc020_aa04;
    private const ulong Protect = 0xc018_aa06;
    private const ulong Watched = 0x3000_0000, Source = 0x2000_0000, Page = 4096, Arguments = FileRig.Buffer;
    private const ulong Nowhere = 0x5000_0000, AllowHoles = 2;
    private const ulong SigBus = 1 << 7, WpUnpopulated = 1 << 13;
    private readonly FileRig rig = new();
    private readonly ulong userfault;

    public UserfaultMoveSpec()
    {
        Map(Watched, 16);
        Map(Source, 16);
        for (ulong i = 0; i < 8; i++)
            rig.Poke(Source + (i * Page), [(byte)('a' + i)]);
        userfault = (ulong)rig.Call(SyscallNr.Userfaultfd);
        Assert.Equal(0, Control(0xc018_aa3f, 0xaa, SigBus | WpUnpopulated, 0));
        Assert.Equal(0, Control(0xc020_aa00, Watched, 16 * Page, 3, 0));
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_page_goes_as_it_is_and_leaves_nothing_behind()
    {
        var frame = rig.Kernel.FrameAt(rig.Task.Mm, Source + Page);
        long rss = rig.Task.Mm.RssAnon;
        Assert.Equal("0, 8192", Moved(2, Source + Page, 2));
        Assert.Equal(frame, rig.Kernel.FrameAt(rig.Task.Mm, Watched + (2 * Page)));
        Assert.Equal(rss, rig.Task.Mm.RssAnon);
        Assert.Equal("b"u8.ToArray(), rig.Peek(Watched + (2 * Page), 1));
        rig.Poke(Watched + (3 * Page), "C"u8.ToArray());
        Assert.Equal([0], rig.Peek(Source + Page, 1));
        Assert.Equal(1, rig.Kernel.Kernel.Rmap.Count(frame));
    }

    [Fact]
    public void What_is_missing_stays_so_where_that_is_allowed_and_ends_the_move_else()
    {
        Assert.Equal("ENOENT, -2", Moved(5, Source + (10 * Page)));
        Assert.Equal("0, 4096", Moved(5, Source + (10 * Page), mode: AllowHoles));
        Assert.Equal("EAGAIN, 4096", Moved(5, Source + (7 * Page), 3));
        Assert.Equal("EEXIST, -17", Moved(5, Source + (2 * Page)));
    }

    [Fact]
    public void A_page_that_a_child_may_have_too_is_busy_until_it_is_stored_to()
    {
        var child = rig.Kernel.Fork(rig.Task);
        Assert.Equal("EBUSY, -16", Moved(9, Source + (5 * Page)));
        rig.Kernel.Trap(child, new SyscallRequest { Nr = SyscallNr.ExitGroup });
        Assert.Equal("EBUSY, -16", Moved(9, Source + (5 * Page)));
        rig.Poke(Source + (5 * Page), [2]);
        Assert.Equal("0, 4096", Moved(9, Source + (5 * Page)));
    }

    [Fact]
    public void Mappings_that_do_not_fit_together_are_refused()
    {
        Assert.Equal("ENOENT, -2", Moved(8, Nowhere));
        Assert.Equal("ENOENT, -2", MovedTo(Nowhere, Source));
        Assert.Equal("EINVAL, -22", MovedTo(Source + (12 * Page), Source)); // not registered
        Assert.Equal("EINVAL, -22", Moved(11, Source + (15 * Page), 2));
        Assert.Equal(0, rig.Call(SyscallNr.Mlock, Source + (4 * Page), Page));
        Assert.Equal("EINVAL, -22", Moved(9, Source + (4 * Page)));
        Assert.Equal(0, rig.Call(SyscallNr.Mprotect, Source + (6 * Page), Page, 0));
        Assert.Equal("EINVAL, -22", Moved(12, Source + (6 * Page)));
        Assert.Equal(0, rig.Call(SyscallNr.Madvise, Source + (13 * Page), Page, 102));
        Assert.Equal("EFAULT, -14", Moved(12, Source + (13 * Page)));
        Assert.Equal("EINVAL, 77", Moved(8, Source + 1));
        Assert.Equal("EINVAL, 77", Moved(8, Source, 0));
        Assert.Equal("EINVAL, 77", Moved(8, Source, mode: 4));
    }

    [Fact]
    public void A_poisoned_page_is_an_error_to_whoever_accesses_it_child_or_kernel()
    {
        Assert.Equal("0, 8192", Poisoned(Watched, 2));
        Assert.Equal("EEXIST, -17", Poisoned(Watched));
        Assert.Equal("EEXIST, -17", Poisoned(Watched, 3));
        Assert.Equal("EINVAL, 77", Poisoned(Watched + (4 * Page), mode: 2));
        Assert.Equal("ENOENT, -2", Poisoned(Nowhere));
        Assert.Equal("ENOENT, -2", Poisoned(Source));
        Assert.Equal("ENOENT, -2", Poisoned(Watched + (15 * Page), 2));
        Assert.Equal("EEXIST, -17", Moved(1, Source));
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, Arguments, 0));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Write, 5, Watched, 1));
        Assert.Equal(0x5f, Pagemap(Watched));
        var child = rig.Kernel.Fork(rig.Task);
        Assert.False(rig.Kernel.Access(child, Watched, AccessKind.Read));
        Assert.Equal(Signal.SigBus, child.Group.ExitSignal);
    }

    [Fact]
    public void A_copy_makes_a_poisoned_page_good_and_so_does_giving_it_up()
    {
        Poisoned(Watched, 2);
        Assert.Equal(-(long)Errno.EEXIST, Control(ZeroPage, Watched, Page, 0, 77));
        Assert.Equal(0, Control(Copy, Watched, Source, Page, 0, 77));
        Assert.Equal("a"u8.ToArray(), rig.Peek(Watched, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Madvise, Watched + Page, Page, 4));
        Assert.Equal("0, 4096", Moved(1, Source + Page));
    }

    [Fact]
    public void A_page_that_is_not_there_and_protected_is_neither_poisoned_nor_moved_to()
    {
        Assert.Equal(0, Control(Protect, Watched, Page, 1));
        Assert.Equal("EEXIST, -17", Poisoned(Watched));
        Assert.Equal("EEXIST, -17", Moved(0, Source));
    }

    private string Moved(ulong to, ulong from, ulong pages = 1, ulong mode = 0) =>
        MovedTo(Watched + (to * Page), from, pages, mode);

    private string MovedTo(ulong to, ulong from, ulong pages = 1, ulong mode = 0) =>
        Answer(Control(Move, to, from, pages * Page, mode, 77), 4);

    private string Poisoned(ulong at, ulong pages = 1, ulong mode = 0) =>
        Answer(Control(Poison, at, pages * Page, mode, 77), 3);

    private string Answer(long result, ulong word)
    {
        long done = BitConverter.ToInt64(rig.Peek(Arguments + (word * 8), 8));
        return $"{(result == 0 ? "0" : ((Errno)(-result)).ToString())}, {done}";
    }

    private int Pagemap(ulong at)
    {
        ulong file = (ulong)rig.Open("/proc/self/pagemap", 0);
        Assert.Equal(8, rig.Call(SyscallNr.Pread64, file, Arguments, 8, at / Page * 8));
        return (int)BitConverter.ToUInt64(rig.Peek(Arguments, 8));
    }

    private long Control(ulong command, params ulong[] words)
    {
        rig.Poke(Arguments, [.. words.SelectMany(BitConverter.GetBytes)]);
        return rig.Call(SyscallNr.Ioctl, userfault, command, Arguments);
    }

    private void Map(ulong at, ulong pages) =>
        Assert.Equal((long)at, rig.Call(SyscallNr.Mmap, at, pages * Page, 3, 0x32, ulong.MaxValue));
}
