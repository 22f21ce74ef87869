using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Fault;

public class StackGrowthSpec
{
    private const ulong Guard = 256;

    [Fact]
    public void An_access_below_the_stack_extends_it_to_that_page()
    {
        using var rig = new KernelRig();
        TaskStruct task = Start(rig, ResourceLimits.Default);
        ulong bottom = Bottom(task);
        Assert.True(rig.Access(task, bottom - (100 * rig.Page) + 8, AccessKind.Write));
        Assert.Equal(bottom - (100 * rig.Page), Bottom(task));
        task.Mm.Vmas.Validate();
    }

    [Theory]
    [InlineData(0UL, true)]
    [InlineData(1UL, false)]
    public void It_grows_as_far_as_RLIMIT_STACK(ulong pagesBeyond, bool allowed)
    {
        using var rig = new KernelRig();
        TaskStruct task = Start(rig, new ResourceLimits(StackBytes: 1 << 20));
        ulong lowest = task.Mm.StackTop - (1 << 20);
        Assert.Equal(allowed, rig.Access(task, lowest - (pagesBeyond * rig.Page), AccessKind.Write));
    }

    [Theory]
    [InlineData(10UL, true)]
    [InlineData(11UL, false)]
    public void It_grows_as_far_as_RLIMIT_AS(ulong pages, bool allowed)
    {
        using var rig = new KernelRig();
        ulong image = Start(rig, ResourceLimits.Default).Mm.Vmas.TotalVmPages;
        TaskStruct task = Start(rig, new ResourceLimits(AddressSpaceBytes: (image + 10) * rig.Page));
        Assert.Equal(allowed, rig.Access(task, Bottom(task) - (pages * rig.Page), AccessKind.Write));
    }

    [Theory]
    [InlineData(ProtFlags.Read, Guard, true)]
    [InlineData(ProtFlags.Read, Guard - 1, false)]
    [InlineData(ProtFlags.None, 0UL, true)]
    public void It_keeps_the_guard_gap_from_what_is_accessible_below(ProtFlags prot, ulong gap, bool allowed)
    {
        using var rig = new KernelRig();
        TaskStruct task = Start(rig, ResourceLimits.Default);
        ulong below = Bottom(task) - (400 * rig.Page);
        rig.Map(task, below, 1, prot);
        Assert.Equal(allowed, rig.Access(task, below + ((gap + 1) * rig.Page), AccessKind.Write));
    }

    private static TaskStruct Start(KernelRig rig, ResourceLimits limits) => rig.Start(limits, ImageSpec.Default);

    private static ulong Bottom(TaskStruct task) => task.Mm.Vmas.Tree.Last!.Start;
}
