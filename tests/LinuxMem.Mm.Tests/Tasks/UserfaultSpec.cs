using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Injection;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Pages that another task supplies (userfaultfd).</summary>
public sealed class UserfaultSpec : IDisposable
{
    private const ulong Api = 0xc018_aa3f, Register = 0xc020_aa00, Unregister = 0x8010_aa01, Wake = 0x8010_aa02;
    private const ulong Copy = 0xc028_aa03, ZeroPage = 0xc020_aa04, Move = 0xc028_aa05, Protect = 0xc018_aa06;
    private const ulong Missing = 1, WriteProtect = 2, Minor = 4, SigBus = 1 << 7;
    private const ulong UserModeOnly = 1, NonBlock = 0x800;
    private const ulong Data = 0x2000_0000, Watched = 0x3000_0000;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
    private readonly TaskStruct task;

    public UserfaultSpec()
    {
        task = rig.Start();
        rig.Map(task, Data, 2);
        rig.Map(task, Watched, 4);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Descriptors_are_made_with_flags_and_need_a_privilege_for_faults_of_the_kernel()
    {
        Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Userfaultfd, 2).Errno);
        task.Credentials = Credentials.Of(1000);
        Assert.Equal(Errno.EPERM, rig.Call(task, SyscallNr.Userfaultfd, NonBlock).Errno);
        Assert.True(rig.Call(task, SyscallNr.Userfaultfd, UserModeOnly).Value >= 0);
    }

    [Fact]
    public void Nothing_goes_before_the_handshake_which_is_made_once()
    {
        ulong fd = (ulong)rig.Call(task, SyscallNr.Userfaultfd, 0).Value;
        Assert.Equal(Errno.EINVAL, Control(fd, Register, Watched, rig.Page, Missing));
        Assert.Equal(Errno.EINVAL, Control(fd, Api, 0xab, 0));
        Assert.Equal(Errno.EINVAL, Control(fd, Api, 0xaa, 1UL << 40));
        Assert.Equal(Errno.None, Control(fd, Api, 0xaa, 0));
        Assert.Equal(Errno.EINVAL, Control(fd, Api, 0xaa, 0));
        Assert.Equal(Errno.EINVAL, Control(fd, Move, 0, 0));
    }

    [Theory]
    [InlineData(Watched, 4096, 0, Errno.EINVAL)]
    [InlineData(Watched, 4096, 8, Errno.EINVAL)]
    [InlineData(Watched + 1, 4096, Missing, Errno.EINVAL)]
    [InlineData(Watched, 0, Missing, Errno.EINVAL)]
    [InlineData(Watched + 0x10_0000, 4096, Missing, Errno.EINVAL)] // nothing is mapped
    [InlineData(Watched, 4096, Minor, Errno.EINVAL)] // of files in memory alone
    [InlineData(Watched, 4096, Missing | WriteProtect, Errno.None)]
    public void Ranges_are_registered_or_refused(ulong start, ulong bytes, ulong mode, Errno error) =>
        Assert.Equal(error, Control(Open(0), Register, start, bytes, mode));

    [Theory]
    [InlineData(true), InlineData(false)]
    public void A_range_is_ordinary_memory_again_though_there_is_no_memory_to_merge_its_mapping(bool closes)
    {
        ulong fd = Open(0);
        Assert.Equal(Errno.None, Control(fd, Register, Watched + rig.Page, rig.Page, Missing));
        FaultInjector faults = rig.Inject(new FaultSettings
        {
            FailNth = 1,
            FailNthMode = FailNthMode.AndAfter,
            FailNthPoints = "failslab",
        });
        if (closes)
            rig.Call(task, SyscallNr.Close, fd);
        else
            Assert.Equal(Errno.None, Control(fd, Unregister, Watched + rig.Page, rig.Page));
        rig.Memory.Faults = null;
        Assert.NotEqual(0, faults.Failures);
        Assert.Equal(VmFlags.None, MarksAt(Watched + rig.Page));
        Assert.Equal(Watched + rig.Page, task.Mm.Vmas.Tree.Find(Watched)!.End); // it stays apart
        Assert.True(task.Mm.Vmas.Tree.Find(Watched + rig.Page)!.LeftUnmerged);
        Assert.True(task.Mm.Vmas.Tree.Find(Watched + (2 * rig.Page))!.LeftUnmerged);
        task.Mm.Vmas.Validate();
    }

    [Fact]
    public void A_range_has_one_owner_and_is_marked_as_long_as_that_lives()
    {
        ulong fd = Open(0), other = Open(0);
        Assert.Equal(Errno.None, Control(fd, Register, Watched + rig.Page, rig.Page, Missing));
        Assert.Equal(Errno.EBUSY, Control(other, Register, Watched, 4 * rig.Page, Missing));
        Assert.Equal(Errno.EINVAL, Control(other, Unregister, Watched, 4 * rig.Page));
        Assert.Equal(VmFlags.UffdMissing, MarksAt(Watched + rig.Page));
        Assert.Equal(VmFlags.None, MarksAt(Watched));
        TaskStruct child = rig.Fork(task);
        Assert.Equal(VmFlags.None, child.Mm.Vmas.Tree.Find(Watched + rig.Page)!.Flags & VmFlags.UffdMissing);
        Assert.Equal(Errno.None, rig.Call(child, SyscallNr.Close, fd).Errno);
        rig.Call(task, SyscallNr.Close, fd);
        Assert.Equal(VmFlags.None, MarksAt(Watched + rig.Page));
        Assert.Equal(Watched + (4 * rig.Page), task.Mm.Vmas.Tree.Find(Watched)!.End); // one mapping again
    }

    [Fact]
    public void Who_misses_a_page_waits_until_somebody_copies_one()
    {
        ulong fd = Open(0);
        Control(fd, Register, Watched, 4 * rig.Page, Missing);
        rig.Store(task, Data, 0x1234_5678_9abc_def0);
        TaskStruct thread = rig.Fork(task, CloneFlags.Vm | CloneFlags.Thread | CloneFlags.SigHand);
        var trap = new Trap(TrapKind.PageFault, thread, rig.At(0), Watched + 8, AccessKind.Read);
        Assert.Equal(TrapAction.Block, rig.Serve(trap).Action);
        Assert.Equal(TaskState.WaitingForFile, thread.State);
        byte[] message = Read(fd);
        Assert.Equal(0x12, message[0]);
        Assert.Equal(Watched, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(16)));
        Assert.Equal(Errno.None, Control(fd, Copy, Watched, Data, rig.Page, 0));
        Assert.Equal(TaskState.Runnable, thread.State);
        Assert.Equal(0x1234_5678_9abc_def0UL, rig.Load(task, Watched));
        Assert.Equal(Errno.EEXIST, Control(fd, Copy, Watched, Data, rig.Page, 0));
        Assert.Equal(Errno.None, Control(fd, Wake, Watched, rig.Page));
    }

    [Fact]
    public void Who_stores_to_a_protected_page_waits_until_it_is_let_go()
    {
        ulong fd = Open(0);
        Control(fd, Register, Watched, 4 * rig.Page, WriteProtect);
        rig.Store(task, Watched, 7);
        Assert.Equal(Errno.None, Control(fd, Protect, Watched, 2 * rig.Page, 1));
        Assert.Equal(7UL, rig.Load(task, Watched));
        rig.Store(task, Watched + rig.Page, 8); // was not there: nothing to protect
        TaskStruct thread = rig.Fork(task, CloneFlags.Vm | CloneFlags.Thread | CloneFlags.SigHand);
        var trap = new Trap(TrapKind.PageFault, thread, rig.At(0), Watched + 8, AccessKind.Write);
        Assert.Equal(TrapAction.Block, rig.Serve(trap).Action);
        byte[] message = Read(fd);
        Assert.Equal(0x12, message[0]);
        Assert.Equal(3UL, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(8))); // a write, protected
        Assert.Equal(Errno.None, Control(fd, Protect, Watched, rig.Page, 0));
        Assert.Equal(TaskState.Runnable, thread.State);
        rig.Store(task, Watched, 9);
        Assert.Equal(9UL, rig.Load(task, Watched));
    }

    [Theory]
    [InlineData(Watched, 4096, 2, Errno.None)]
    [InlineData(Watched, 4096, 3, Errno.EINVAL)] // nobody waits for what is protected
    [InlineData(Watched, 4096, 4, Errno.EINVAL)]
    [InlineData(Watched + 1, 4096, 1, Errno.EINVAL)]
    [InlineData(Watched, 0, 1, Errno.EINVAL)]
    [InlineData(Watched + 8192, 4096, 1, Errno.ENOENT)] // not registered for it
    [InlineData(Watched + 0x10_0000, 4096, 1, Errno.ENOENT)]
    public void Ranges_are_protected_or_refused(ulong start, ulong bytes, ulong mode, Errno error)
    {
        ulong fd = Open(0);
        Control(fd, Register, Watched, 2 * rig.Page, WriteProtect);
        Control(fd, Register, Watched + (2 * rig.Page), rig.Page, Missing);
        Assert.Equal(error, Control(fd, Protect, start, bytes, mode));
    }

    [Fact]
    public void A_store_ends_a_protection_of_which_nobody_is_told_or_is_a_signal_where_that_was_asked_for()
    {
        const ulong async = 1 << 15 | 1 << 13;
        ulong fd = Open(async);
        Control(fd, Register, Watched, 4 * rig.Page, WriteProtect);
        rig.Store(task, Watched, 7);
        Assert.Equal(Errno.None, Control(fd, Protect, Watched, 4 * rig.Page, 1));
        rig.Store(task, Watched, 9);
        rig.Store(task, Watched + rig.Page, 9);
        rig.Call(task, SyscallNr.Close, fd);
        ulong other = Open(SigBus);
        Control(other, Register, Watched, 4 * rig.Page, WriteProtect);
        Control(other, Protect, Watched, rig.Page, 1);
        Assert.Equal(Errno.EFAULT, StoreByCall(Watched));
        Assert.Equal(9UL, rig.Load(task, Watched));
        rig.Call(task, SyscallNr.Close, other);
        Assert.Equal(Errno.None, StoreByCall(Watched));
    }

    [Fact]
    public void A_page_comes_protected_and_a_page_of_shared_memory_stays_so_when_it_is_read_again()
    {
        const ulong shared = 0x4000_0000;
        rig.Map(task, shared, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        rig.Store(task, shared, 5);
        ulong fd = Open(SigBus);
        Control(fd, Register, Watched, rig.Page, Missing | WriteProtect);
        Assert.Equal(Errno.None, Control(fd, Copy, Watched, Data, rig.Page, 2));
        Assert.Equal(Errno.EFAULT, StoreByCall(Watched));
        Control(fd, Register, shared, rig.Page, WriteProtect);
        Control(fd, Protect, shared, rig.Page, 1);
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, shared, rig.Page, 4).Value);
        Assert.Equal(5UL, rig.Load(task, shared));
        Assert.Equal(Errno.EFAULT, StoreByCall(shared));
        Assert.Equal(Errno.None, Control(fd, Protect, shared, rig.Page, 0));
        Assert.Equal(Errno.None, StoreByCall(shared));
    }

    [Fact]
    public void Pages_of_zeros_fill_what_is_empty_and_ranges_must_be_registered()
    {
        ulong fd = Open(0);
        Control(fd, Register, Watched, 2 * rig.Page, Missing);
        Assert.Equal(Errno.None, Control(fd, ZeroPage, Watched, rig.Page, 0));
        Assert.Equal(Errno.EEXIST, Control(fd, ZeroPage, Watched, rig.Page, 0));
        // Beyond the mapping that is registered.
        Assert.Equal(Errno.ENOENT, Control(fd, ZeroPage, Watched + rig.Page, 2 * rig.Page, 0));
        Assert.Equal(Errno.ENOENT, Control(fd, ZeroPage, Watched + (2 * rig.Page), rig.Page, 0));
        Assert.Equal(Errno.EINVAL, Control(fd, ZeroPage, Watched, rig.Page, 2));
        Assert.True(rig.Access(task, Watched, AccessKind.Write));
    }

    [Fact]
    public void Missing_pages_are_signals_where_that_was_asked_for_and_errors_of_calls()
    {
        ulong fd = Open(SigBus);
        Control(fd, Register, Watched, rig.Page, Missing);
        Assert.Equal(Errno.EFAULT, rig.Call(task, SyscallNr.Getrusage, 0, Watched).Errno);
        Assert.Equal(FaultKind.BusAdrErr, rig.Fault(task, Watched, AccessKind.Write));
    }

    private Errno StoreByCall(ulong at) => rig.Call(task, SyscallNr.Mincore, Data, rig.Page, at).Errno;

    private ulong Open(ulong features)
    {
        ulong fd = (ulong)rig.Call(task, SyscallNr.Userfaultfd, NonBlock).Value;
        Assert.Equal(Errno.None, Control(fd, Api, 0xaa, features));
        return fd;
    }

    private Errno Control(ulong fd, ulong command, params ulong[] words)
    {
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Ioctl,
            A0 = fd,
            A1 = command,
            Operands = new SyscallOperands { Words = words, BuffersUnknown = command != Copy },
            A2 = command == Copy ? Data + rig.Page : 0,
        });
        return task.Result.Errno;
    }

    private byte[] Read(ulong fd)
    {
        var operands = new SyscallOperands { WantsCopied = true };
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.Read,
            A0 = fd,
            A1 = Data + rig.Page,
            A2 = 32,
            Operands = operands,
        });
        Assert.Equal(32, task.Result.Value);
        return [.. operands.Copied];
    }

    private VmFlags MarksAt(ulong va) => task.Mm.Vmas.Tree.Find(va)!.Flags
        & (VmFlags.UffdMissing | VmFlags.UffdWp | VmFlags.UffdMinor);
}
