using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Exec;

public class ImageLoaderSpec
{
    private const ProtFlags R = ProtFlags.Read;
    private const ProtFlags Rw = ProtFlags.Read | ProtFlags.Write;
    private const ProtFlags Rx = ProtFlags.Read | ProtFlags.Exec;

    // The layout of mmfuzz under setarch -R, from the reference logs, cut down.
    private static readonly ImageSpec Known = new()
    {
        BrkStart = 0x4ba000,
        MmapBase = 0x7ffff7fff000,
        Segments =
        [
            new(0x400000, 0x401000, R, 0, "/w/prog", null),
            new(0x401000, 0x480000, Rx, 0x1000, "/w/prog", null),
            new(0x4ac000, 0x4b4000, Rw, 0xab000, "/w/prog", null),
            new(0x4b4000, 0x4ba000, Rw, 0, null, null),
            new(0x7ffff7ff7000, 0x7ffff7ffb000, R, 0, null, "[vvar]"),
            new(0x7ffff7ffb000, 0x7ffff7ffd000, R, 0, null, "[vvar_vclock]"),
            new(0x7ffff7ffd000, 0x7ffff7fff000, Rx, 0, null, "[vdso]"),
            new(0x7ffffffde000, 0x7ffffffff000, Rw, 0, null, "[stack]"),
            new(0xffffffffff600000, 0xffffffffff601000, ProtFlags.Exec, 0, null, "[vsyscall]"),
        ],
    };

    [Fact]
    public void Known_segments_are_mapped_as_they_are_said_to_lie()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        string[] expected =
        [
            "00400000-00401000 r--p 00000000 fe:00 1", "00401000-00480000 r-xp 00001000 fe:00 1",
            "004ac000-004b4000 rw-p 000ab000 fe:00 1", "004b4000-004ba000 rw-p 00000000 00:00 0",
            "7ffff7ff7000-7ffff7ffb000 r--p 00000000 00:00 0 [vvar]",
            "7ffff7ffb000-7ffff7ffd000 r--p 00000000 00:00 0 [vvar_vclock]",
            "7ffff7ffd000-7ffff7fff000 r-xp 00000000 00:00 0 [vdso]",
            "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0 [stack]",
        ];
        string[] actual = Maps(task.Mm);
        Assert.Equal(expected, actual.Select(line => line.Replace(" /w/prog", "", StringComparison.Ordinal)));
        Assert.Equal(0x4ba000, rig.Call(task, SyscallNr.Brk).Value);
        Assert.Equal((0x401000UL, 0x4ac000UL), (task.Mm.Bounds.StartCode, task.Mm.Bounds.StartData));
        Assert.Equal(0x7ffff7ff7000 - 0x1000, rig.Call(task, SyscallNr.Mmap, 0, 4096, 3, 0x22, ulong.MaxValue).Value);
    }

    [Fact]
    public void The_heap_of_a_known_layout_ends_where_it_says_and_stays_apart_from_bss()
    {
        using var rig = new KernelRig();
        ImageSegment heap = new(0x4ba000, 0x4db000, Rw, 0, null, "[heap]");
        TaskStruct task = rig.Start(image: Known with { Segments = [.. Known.Segments!.Take(4), heap] });
        Assert.Equal(0x4db000, rig.Call(task, SyscallNr.Brk).Value);
        Assert.Contains(Maps(task.Mm), line => line == "004ba000-004db000 rw-p 00000000 00:00 0 [heap]");
    }

    [Fact]
    public void A_page_of_the_vdso_counts_as_resident_and_one_of_vvar_does_not()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        rig.Load(task, 0x7ffff7ff7000);
        Assert.Equal(0, task.Mm.Rss);
        rig.Load(task, 0x7ffff7ffd000);
        rig.Load(task, 0x7ffff7ffe000);
        Assert.Equal((2, 2), (task.Mm.Rss, task.Mm.RssFile));
        Assert.Equal(3, task.Group.MinFlt);
    }

    [Fact]
    public void Processes_share_the_pages_of_the_vdso_and_a_child_faults_them_in_again()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start(image: Known);
        rig.Load(parent, 0x7ffff7ff7000);
        rig.Load(parent, 0x7ffff7ffd000);
        TaskStruct child = rig.Fork(parent);
        long free = rig.FreeFrames;
        rig.Load(child, 0x7ffff7ffd000);
        Assert.Equal((1, 1), (child.Group.MinFlt, child.Mm.RssFile));
        Assert.True(free - rig.FreeFrames <= 3, "only page tables are new");
    }

    [Fact]
    public void Nobody_may_write_to_vvar_even_after_mprotect()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        Assert.Equal(Errno.EACCES, rig.Call(task, SyscallNr.Mprotect, 0x7ffff7ff7000, 4096, 3).Errno);
        Assert.Equal(0, rig.Call(task, SyscallNr.Mprotect, 0x7ffff7ffd000, 8192, 3).Value);
        rig.Store(task, 0x7ffff7ffd000, 1);
        Assert.Equal((1, 0), (task.Mm.RssAnon, task.Mm.RssFile));
        Assert.Equal(1, rig.Kernel.FaultKinds[(int)FaultKind.FileCow]);
    }

    // Linux 6.18 answers so: special_mapping_split refuses.
    [Theory]
    [InlineData(SyscallNr.Mprotect, 0x7ffff7ff7000, 4096, (ulong)ProtFlags.None)]
    [InlineData(SyscallNr.Mprotect, 0x7ffff7ffe000, 4096, (ulong)ProtFlags.Read)]
    [InlineData(SyscallNr.Madvise, 0x7ffff7ff7000, 4096, (ulong)Advice.Sequential)]
    [InlineData(SyscallNr.Munmap, 0x7ffff7ff7000, 4096, 0)]
    [InlineData(SyscallNr.Mremap, 0x7ffff7ffd000, 4096, 8192)]
    public void A_part_of_the_kernels_own_mappings_cannot_be_treated_otherwise_than_the_rest(
        SyscallNr nr, ulong address, ulong length, ulong third)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        string[] before = Maps(task.Mm);
        Errno expected = nr == SyscallNr.Mremap ? Errno.EFAULT : Errno.EINVAL;
        Assert.Equal(expected, rig.Call(task, nr, address, length, third, 1).Errno);
        Assert.Equal(before, Maps(task.Mm));
    }

    [Fact]
    public void A_move_of_a_part_of_the_vdso_is_refused_and_of_the_whole_is_not()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        const ulong mayMoveFixed = 3;
        Assert.Equal(Errno.EINVAL,
            rig.Call(task, SyscallNr.Mremap, 0x7ffff7ffd000, 4096, 4096, mayMoveFixed, 0x10000).Errno);
        Assert.Equal(0x10000,
            rig.Call(task, SyscallNr.Mremap, 0x7ffff7ffd000, 8192, 8192, mayMoveFixed, 0x10000).Value);
    }

    // Seen in a log: the mapping below stays in two pieces.
    [Fact]
    public void An_munmap_that_ends_inside_of_vvar_fails_and_leaves_the_cut_at_its_start()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: Known);
        rig.Map(task, 0x7ffff7ff0000, 7);
        Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Munmap, 0x7ffff7ff3000, 0x5000).Errno);
        string[] maps = Maps(task.Mm);
        Assert.Contains("7ffff7ff0000-7ffff7ff3000 rw-p 00000000 00:00 0", maps);
        Assert.Contains("7ffff7ff3000-7ffff7ff7000 rw-p 00000000 00:00 0", maps);
        Assert.Contains("7ffff7ff7000-7ffff7ffb000 r--p 00000000 00:00 0 [vvar]", maps);
    }

    private static string[] Maps(Mm mm)
    {
        var text = new StringBuilder();
        MapsText.Append(text, mm.Vmas.Tree, new MapsLabels(mm.StartBrk, mm.Brk, mm.Bounds.StartStack));
        return [.. text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
    }
}
