using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>A machine that has set no huge pages aside, and never has transparent ones.</summary>
public sealed class HugePagesSpec : IDisposable
{
    private const ulong HugeBytes = 2 << 20;
    private const ulong At = 0x4000_0000;
    private readonly KernelRig rig = new(vm: KernelRig.PromisesAll);
    private readonly TaskStruct task;

    public HugePagesSpec() => task = rig.Start();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Mapping_them_is_ENOMEM_once_the_arguments_are_right()
    {
        Errno Map(ulong at, ulong bytes, MapFlags more, uint log2 = 0) => rig.Call(task, SyscallNr.Mmap, at, bytes, 3,
            (ulong)(MapFlags.Anonymous | MapFlags.HugeTlb | more) | (log2 << 26), ulong.MaxValue).Errno;
        Assert.Equal(Errno.ENOMEM, Map(0, HugeBytes, MapFlags.Private));
        Assert.Equal(Errno.ENOMEM, Map(0, HugeBytes, MapFlags.Shared, 21));
        Assert.Equal(Errno.EINVAL, Map(0, HugeBytes, MapFlags.Private, 20));
        Assert.Equal(Errno.EINVAL, Map(0, 0, MapFlags.Private));
        Assert.Equal(Errno.EINVAL, Map(At + 4096, HugeBytes, MapFlags.Private | MapFlags.Fixed));
        Assert.Equal(Errno.EINVAL, Map(0, HugeBytes, MapFlags.None));
        Assert.Equal(Errno.None, Map(At, HugeBytes, MapFlags.Private | MapFlags.Fixed | MapFlags.NoReserve));
    }

    [Theory]
    [InlineData(true, Errno.ENOMEM)]
    [InlineData(false, Errno.EINVAL)]
    public void Those_of_a_GiB_are_a_size_where_the_CPUs_know_it(bool known, Errno error)
    {
        using var machine = new KernelRig(vm: KernelRig.PromisesAll with { GigabytePages = known });
        TaskStruct caller = machine.Start();
        const ulong size = 30UL << 26;
        Assert.Equal(error, machine.Call(caller, SyscallNr.Mmap, 0, 1 << 30, 3,
            (ulong)(MapFlags.Anonymous | MapFlags.HugeTlb | MapFlags.Private) | size, ulong.MaxValue).Errno);
        Assert.Equal(error, machine.Call(caller, SyscallNr.Shmget, 0, 1 << 30, 0xa00 | size).Errno);
    }

    [Fact]
    public void Advice_on_them_is_a_flag_and_the_later_one_holds()
    {
        rig.Map(task, At, 4);
        Assert.Equal(Errno.None, Advise(At, 4096, Advice.HugePage));
        Assert.Equal(VmFlags.HugePage, FlagsAt(At) & (VmFlags.HugePage | VmFlags.NoHugePage));
        Assert.Equal(VmFlags.None, FlagsAt(At + 4096) & (VmFlags.HugePage | VmFlags.NoHugePage));
        Assert.Equal(Errno.None, Advise(At, 4096, Advice.NoHugePage));
        Assert.Equal(VmFlags.NoHugePage, FlagsAt(At) & (VmFlags.HugePage | VmFlags.NoHugePage));
    }

    [Fact]
    public void Collapsing_refuses_what_could_never_hold_one()
    {
        rig.Map(task, At, 2 * HugeBytes / rig.Page);
        rig.Map(task, At + (4 * HugeBytes), 4);
        Assert.Equal(Errno.None, Advise(At, 0, Advice.Collapse));
        Assert.Equal(Errno.EINVAL, Advise(At + (4 * HugeBytes), 4096, Advice.Collapse));
        Assert.Equal(Errno.EINVAL, Advise(At + 4096, 3 * 4096, Advice.Collapse));
        Assert.Equal(Errno.None, Advise(At + 4096, HugeBytes - 4096, Advice.Collapse));
        Assert.Equal(Errno.EINVAL, Advise(At, HugeBytes, Advice.Collapse)); // nobody has written there
    }

    [Fact]
    public void What_was_written_to_is_all_there_when_it_has_collapsed_and_nobody_faulted()
    {
        rig.Map(task, At, 2 * HugeBytes / rig.Page);
        rig.Access(task, At + (5 * 4096), AccessKind.Write);
        long before = task.MinFlt;
        Assert.Equal(Errno.None, Advise(At, HugeBytes, Advice.Collapse));
        Assert.Equal((512L, before), (task.Mm.Rss, task.MinFlt));
        Assert.Equal(Errno.None, Advise(At, HugeBytes, Advice.Collapse));
        Assert.Equal(Errno.EINVAL, Advise(At, 2 * HugeBytes, Advice.Collapse)); // the second was never touched
        Assert.Equal(Errno.None, Advise(At, HugeBytes, Advice.NoHugePage));
        Assert.Equal(Errno.EINVAL, Advise(At, HugeBytes, Advice.Collapse));
    }

    private Errno Advise(ulong at, ulong bytes, Advice advice) =>
        rig.Call(task, SyscallNr.Madvise, at, bytes, (ulong)advice).Errno;

    private VmFlags FlagsAt(ulong at) => task.Mm.Vmas.Tree.Find(at)!.Flags;
}
