using LinuxMem.Abi;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>A pool of eight huge pages, of which mappings have some promised and touch some.</summary>
public sealed class HugetlbSpec : IDisposable
{
    private const ulong Huge = 2 << 20;
    private const ulong At = 0x4000_0000;
    private const MapFlags Fixed = MapFlags.Anonymous | MapFlags.HugeTlb | MapFlags.Fixed;

    private readonly KernelRig rig = new(megabytes: 32,
        vm: new VmSettings { PcpHighPages = 0, OvercommitMemory = OvercommitMode.Always, NrHugePages = 8 });

    private readonly TaskStruct task;

    public HugetlbSpec() => task = rig.Start();

    private HugePool Pool => rig.Memory.Huge.Usual;

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_mapping_has_its_pages_promised_until_it_goes()
    {
        Assert.Equal(Errno.None, Map(At, 3 * Huge, MapFlags.Private));
        Assert.Equal((8, 8, 3), (Pool.Total, Pool.Free, Pool.Reserved));
        Assert.Equal(Errno.ENOMEM, Map(At + (8 * Huge), 6 * Huge, MapFlags.Shared));
        Assert.Equal(Errno.None, Map(At + (8 * Huge), 6 * Huge, MapFlags.Shared | MapFlags.NoReserve));
        Assert.True(rig.Access(task, At + 5000, AccessKind.Write));
        Assert.True(rig.Access(task, At + 9000, AccessKind.Write));
        Assert.Equal((7, 2), (Pool.Free, Pool.Reserved));
        Assert.Equal(Errno.None, Unmap(At, Huge));
        Assert.Equal((8, 2), (Pool.Free, Pool.Reserved));
        Assert.Equal(Errno.None, Unmap(At, 16 * Huge));
        Assert.Equal((8, 8, 0), (Pool.Total, Pool.Free, Pool.Reserved));
    }

    [Fact]
    public void A_mapping_is_cut_between_huge_pages_only()
    {
        Map(At, 2 * Huge, MapFlags.Private);
        Assert.Equal(Errno.EINVAL, Unmap(At, 4096));
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Mprotect, At + 4096, 4096, 1));
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Madvise, At + 4096, Huge, (ulong)Advice.DontNeed));
        Assert.Equal(Errno.None, Call(SyscallNr.Madvise, At, 4096, (ulong)Advice.DontNeed));
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Madvise, At, Huge, (ulong)Advice.Free));
        Assert.Equal(Errno.None, Call(SyscallNr.Mprotect, At + Huge, Huge, 1));
        Assert.Equal(2, task.Mm.Vmas.Tree.Count);
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Mremap, At, Huge, 2 * Huge, 1));
        Assert.Equal(Errno.EINVAL, Map(At + 4096, Huge, MapFlags.Private));
    }

    [Fact]
    public void Pages_without_a_promise_run_out_and_the_access_is_a_bus_error()
    {
        Pool.SetCount(1);
        Map(At, 2 * Huge, MapFlags.Private | MapFlags.NoReserve);
        Assert.True(rig.Access(task, At, AccessKind.Write));
        Assert.False(rig.Access(task, At + Huge, AccessKind.Write));
        Assert.Equal(Signal.SigBus, task.Group.ExitSignal);
    }

    [Fact]
    public void A_child_shares_private_pages_until_one_side_writes()
    {
        Map(At, Huge, MapFlags.Private);
        rig.Access(task, At, AccessKind.Write);
        TaskStruct child = rig.Fork(task);
        Assert.Equal(7, Pool.Free);
        Assert.True(rig.Access(child, At, AccessKind.Write));
        Assert.Equal((6, 0), (Pool.Free, Pool.Reserved));
        rig.Exit(child);
        Assert.Equal(7, Pool.Free);
    }

    [Fact]
    public void A_move_takes_pages_and_promises_along()
    {
        Map(At, 2 * Huge, MapFlags.Private);
        rig.Access(task, At, AccessKind.Write);
        const ulong mayMoveTo = 3;
        Assert.Equal(Errno.None, Call(SyscallNr.Mremap, At, 2 * Huge, 2 * Huge, mayMoveTo, At + (8 * Huge)));
        Assert.Equal((7, 1), (Pool.Free, Pool.Reserved));
        Assert.True(rig.Access(task, At + (9 * Huge), AccessKind.Write));
        Unmap(At + (8 * Huge), 2 * Huge);
        Assert.Equal((8, 0), (Pool.Free, Pool.Reserved));
    }

    [Fact]
    public void Advice_to_drop_a_page_renews_its_promise()
    {
        Map(At, 2 * Huge, MapFlags.Private);
        rig.Access(task, At, AccessKind.Write);
        Assert.Equal(Errno.None, Call(SyscallNr.Madvise, At, 2 * Huge, (ulong)Advice.DontNeed));
        Assert.Equal((8, 2), (Pool.Free, Pool.Reserved));
    }

    [Fact]
    public void Segments_have_their_pages_promised_when_they_are_made()
    {
        const ulong create = 0x200 | 0x180, hugetlb = 0x800;
        Assert.Equal(Errno.ENOMEM, Call(SyscallNr.Shmget, 0, 9 * Huge, create | hugetlb));
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Shmget, 0, Huge, create | hugetlb | (20UL << 26)));
        SyscallResult id = rig.Call(task, SyscallNr.Shmget, 0, Huge + 1, create | hugetlb);
        Assert.Equal((8, 2), (Pool.Free, Pool.Reserved));
        SyscallResult at = rig.Call(task, SyscallNr.Shmat, (ulong)id.Value, 0, 0);
        Assert.Equal(0UL, (ulong)at.Value % Huge);
        Assert.Equal(2 * Huge, task.Mm.Vmas.Tree.First!.SpanBytes);
        Call(SyscallNr.Shmdt, (ulong)at.Value);
        Call(SyscallNr.Shmctl, (ulong)id.Value, 0);
        Assert.Equal(0, Pool.Reserved);
    }

    [Fact]
    public void Files_of_huge_pages_have_whole_ones()
    {
        const ulong hugetlb = 4;
        var operands = new SyscallOperands { Path = "huge", BuffersUnknown = true };
        rig.Trap(task, new SyscallRequest { Nr = SyscallNr.MemfdCreate, A1 = hugetlb, Operands = operands });
        ulong fd = (ulong)task.Result.Value;
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Ftruncate, fd, 4096));
        Assert.Equal(Errno.None, Call(SyscallNr.Ftruncate, fd, 2 * Huge));
        Assert.Equal(Errno.EINVAL, Call(SyscallNr.Write, fd, At, 10));
        Assert.Equal(Errno.ENOSPC, Call(SyscallNr.Fallocate, fd, 0, 0, 9 * Huge));
        Assert.Equal(0, Pool.Free);
        Assert.Equal(Errno.None, Call(SyscallNr.Ftruncate, fd, Huge));
        Assert.Equal(7, Pool.Free);
        Assert.Equal(Errno.None, Call(SyscallNr.Close, fd));
        Assert.Equal((8, 0), (Pool.Free, Pool.Reserved));
    }

    [Fact]
    public void The_pool_shrinks_to_what_is_in_use_and_the_rest_goes_later()
    {
        Map(At, 3 * Huge, MapFlags.Private);
        Pool.SetCount(0);
        Assert.Equal((3, 3, 3, 3), (Pool.Total, Pool.Free, Pool.Reserved, Pool.Surplus));
        Unmap(At, 3 * Huge);
        Assert.Equal((0, 0, 0, 0), (Pool.Total, Pool.Free, Pool.Reserved, Pool.Surplus));
        Pool.SurplusMax = 1;
        Assert.Equal(Errno.None, Map(At, Huge, MapFlags.Private));
        Assert.Equal((1, 1), (Pool.Total, Pool.Surplus));
        Assert.Equal(Errno.ENOMEM, Map(At + Huge, Huge, MapFlags.Private));
    }

    [Fact]
    public void Programs_set_the_size_of_the_pool_and_meminfo_shows_it()
    {
        const string path = "/proc/sys/vm/nr_hugepages";
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Openat,
            A2 = 1,
            Operands = new SyscallOperands { Path = path, BuffersUnknown = true },
        });
        ulong fd = (ulong)task.Result.Value;
        Assert.Equal(2, Write("5\n"));
        Assert.Equal(-(long)Errno.EINVAL, Write("many"));
        Assert.Equal(5, Pool.Total);

        long Write(string text)
        {
            byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
            var operands = new SyscallOperands { BuffersUnknown = true, Outgoing = bytes };
            ulong count = (ulong)bytes.Length;
            rig.Trap(task, new SyscallRequest { Nr = SyscallNr.Write, A0 = fd, A2 = count, Operands = operands });
            return task.Result.Value;
        }
    }

    private Errno Map(ulong at, ulong bytes, MapFlags more) =>
        Call(SyscallNr.Mmap, at, bytes, 3, (ulong)(Fixed | more), ulong.MaxValue);

    private Errno Unmap(ulong at, ulong bytes) => Call(SyscallNr.Munmap, at, bytes);

    private Errno Call(SyscallNr nr, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0) =>
        rig.Call(task, nr, a0, a1, a2, a3, a4).Errno;
}
