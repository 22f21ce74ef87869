using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Where mmap and brk put memory.</summary>
public class PlacementSpec
{
    private const ulong Rw = (ulong)(ProtFlags.Read | ProtFlags.Write);
    private const ulong Private = (ulong)(MapFlags.Private | MapFlags.Anonymous);
    private const ulong Two = 2UL << 20;

    [Fact]
    public void Mappings_go_top_down_from_mmap_base()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        ulong high = Map(rig, task, 0, 3 * rig.Page);
        ulong low = Map(rig, task, 0, rig.Page);
        Assert.Equal(task.Mm.MmapBase - (3 * rig.Page), high);
        Assert.Equal(high - rig.Page, low);
    }

    [Fact]
    public void A_free_hint_is_taken_and_a_taken_one_is_not()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Assert.Equal(KernelRig.Arena, Map(rig, task, KernelRig.Arena + 5, rig.Page));
        Assert.Equal(task.Mm.MmapBase - rig.Page, Map(rig, task, KernelRig.Arena, rig.Page));
    }

    [Fact]
    public void Private_memory_of_whole_2_MiB_is_aligned_to_2_MiB()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Map(rig, task, 0, rig.Page);
        Assert.Equal(0UL, Map(rig, task, 0, 2 * Two) % Two);
        Assert.NotEqual(0UL, Map(rig, task, 0, Two + rig.Page) % Two);
    }

    [Fact]
    public void A_hint_below_the_stack_keeps_its_guard_gap()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: ImageSpec.Default);
        ulong bottom = task.Mm.Vmas.Tree.Last!.Start;
        ulong near = bottom - (256 * rig.Page);
        Assert.NotEqual(near, Map(rig, task, near, rig.Page));
        Assert.Equal(near - rig.Page, Map(rig, task, near - rig.Page, rig.Page));
    }

    [Fact]
    public void MAP_32BIT_goes_to_the_second_gigabyte()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Assert.Equal(0x4000_0000UL, Map(rig, task, 0, rig.Page, (ulong)MapFlags.Low32Bit));
    }

    [Fact]
    public void The_address_space_ends_where_RLIMIT_AS_says()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(new ResourceLimits(AddressSpaceBytes: 4 * rig.Page));
        rig.Map(task, KernelRig.Arena, 4);
        Assert.Equal(Errno.ENOMEM, rig.Call(task, SyscallNr.Mmap, 0, rig.Page, Rw, Private).Errno);
        rig.Map(task, KernelRig.Arena + rig.Page, 2);
    }

    [Fact]
    public void Brk_answers_the_old_break_where_it_cannot_move()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        ulong start = task.Mm.StartBrk;
        Assert.Equal(start, Brk(rig, task, 1));
        Assert.Equal(start, Brk(rig, task, start + (1UL << 46) + (1UL << 45)));
        Assert.Equal(start + 100, Brk(rig, task, start + 100));
        Assert.Equal(1UL, task.Mm.Vmas.TotalVmPages);
        Assert.Equal(start + 200, Brk(rig, task, start + 200));
        Assert.Equal(1UL, task.Mm.Vmas.TotalVmPages);
        Assert.Equal(start, Brk(rig, task, start));
        Assert.Equal(0UL, task.Mm.Vmas.TotalVmPages);
    }

    [Fact]
    public void Brk_keeps_a_page_from_the_mapping_above()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        ulong start = task.Mm.StartBrk;
        rig.Map(task, start + (4 * rig.Page), 1);
        Assert.Equal(start, Brk(rig, task, start + (4 * rig.Page)));
        Assert.Equal(start + (3 * rig.Page), Brk(rig, task, start + (3 * rig.Page)));
    }

    [Fact]
    public void Brk_does_not_shrink_over_a_heap_that_was_unmapped()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        ulong start = task.Mm.StartBrk;
        ulong end = Brk(rig, task, start + (2 * rig.Page));
        rig.Call(task, SyscallNr.Munmap, start, 2 * rig.Page);
        Assert.Equal(end, Brk(rig, task, start));
    }

    [Fact]
    public void The_heap_ends_where_RLIMIT_DATA_says()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(new ResourceLimits(DataBytes: 2 * rig.Page));
        ulong start = task.Mm.StartBrk;
        Assert.Equal(start, Brk(rig, task, start + (2 * rig.Page) + 1));
        Assert.Equal(start + (2 * rig.Page), Brk(rig, task, start + (2 * rig.Page)));
    }

    private static ulong Map(KernelRig rig, TaskStruct task, ulong hint, ulong length, ulong flags = 0) =>
        (ulong)rig.Call(task, SyscallNr.Mmap, hint, length, Rw, Private | flags, ulong.MaxValue).Value;

    private static ulong Brk(KernelRig rig, TaskStruct task, ulong to) =>
        (ulong)rig.Call(task, SyscallNr.Brk, to).Value;
}
