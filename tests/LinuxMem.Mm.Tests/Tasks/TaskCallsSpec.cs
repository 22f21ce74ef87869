using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Files;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>What processes say and ask of themselves: who they are, their limits, their use of the machine.</summary>
public sealed class TaskCallsSpec : IDisposable
{
    private const ulong Buffer = FileRig.Buffer;
    private const ulong Keep = uint.MaxValue;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Ids_are_those_of_root_until_they_are_given_away()
    {
        foreach (SyscallNr nr in (SyscallNr[])
            [SyscallNr.Getuid, SyscallNr.Geteuid, SyscallNr.Getgid, SyscallNr.Getegid])
            Assert.Equal(0, rig.Call(nr));
        Assert.Equal(0, rig.Call(SyscallNr.Setresgid, 7, 8, 9));
        Assert.Equal((7, 8), (rig.Call(SyscallNr.Getgid), rig.Call(SyscallNr.Getegid)));
        Assert.Equal(0, rig.Call(SyscallNr.Setgid, 6));
        Assert.Equal(0, rig.Call(SyscallNr.Setregid, 5, Keep));
        Assert.Equal((5, 6), (rig.Call(SyscallNr.Getgid), rig.Call(SyscallNr.Getegid)));
        Assert.Equal(0, rig.Call(SyscallNr.Setreuid, 0, 1000));
        Assert.Equal((0, 1000), (rig.Call(SyscallNr.Getuid), rig.Call(SyscallNr.Geteuid)));
        Assert.Equal(0, rig.Call(SyscallNr.Setresuid, 1000, 1000, 1000));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Setuid, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Setuid, 1000));
    }

    [Fact]
    public void Capabilities_that_were_given_up_do_not_come_back()
    {
        const ulong version = 0x20080522;
        long Set(ulong effective, ulong permitted) => rig.Call(SyscallNr.Capset, Buffer, Buffer + 64,
            operands: new SyscallOperands { Words = [version, 0, effective, permitted, 0, 0, 0, 0] });
        Assert.Equal(-(long)Errno.EPERM, Set(effective: 2, permitted: 1));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Capset, Buffer, Buffer + 64,
            operands: new SyscallOperands { Words = [version + 1, 0, 1, 1, 0, 0, 0, 0] }));
        Assert.Equal(0, Set(effective: 0, permitted: 0));
        Assert.Equal(-(long)Errno.EPERM, Set(effective: 1, permitted: 1));
    }

    [Fact]
    public void Limits_are_what_was_set_and_a_soft_one_is_not_above_the_hard_one()
    {
        Words(100_000, 200_000);
        Assert.Equal(0, rig.Call(SyscallNr.Setrlimit, 8, Buffer)); // RLIMIT_MEMLOCK
        Assert.Equal(0, rig.Call(SyscallNr.Getrlimit, 8, Buffer + 64));
        Assert.Equal((100_000, 200_000), (Word(64), Word(72)));
        Words(300_000, 200_000);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Setrlimit, 8, Buffer));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Getrlimit, 16, Buffer));
        Words(1, 2);
        Assert.Equal(0, rig.Call(SyscallNr.Prlimit64, 0, 8, Buffer, Buffer + 64));
        Assert.Equal((100_000, 200_000), (Word(64), Word(72)));
        Assert.Equal(0, rig.Call(SyscallNr.Prlimit64, 0, 8, 0, Buffer + 64));
        Assert.Equal((1, 2), (Word(64), Word(72)));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.Prlimit64, 9999, 8, 0, Buffer + 64));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Getrlimit, 8, 0x1000));
    }

    [Fact]
    public void Usage_counts_faults_and_sysinfo_tells_the_memory()
    {
        rig.Poke(Buffer, [1]);
        Assert.Equal(0, rig.Call(SyscallNr.Getrusage, 0, Buffer));
        long before = Word(64);
        Assert.Equal(rig.MinFlt, before);
        rig.Poke(Buffer + 8192, [1]);
        Assert.Equal(0, rig.Call(SyscallNr.Getrusage, 0, Buffer));
        Assert.Equal(before + 1, Word(64));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Getrusage, 2, Buffer));
        Assert.Equal(0, rig.Call(SyscallNr.Sysinfo, Buffer));
        Assert.Equal((long)rig.Kernel.Memory.Allocator.ManagedPages << 12, Word(32));
        Assert.Equal(rig.Kernel.FreeFrames << 12, Word(40));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Sysinfo, 0x1000));
    }

    [Fact]
    public void Threads_register_what_the_kernel_writes_for_them()
    {
        Assert.Equal(rig.Task.Tid, rig.Call(SyscallNr.SetTidAddress, Buffer));
        Assert.Equal(rig.Task.Tid, rig.Call(SyscallNr.Gettid));
        Assert.Equal(rig.Task.Group.Pid, rig.Call(SyscallNr.Getpid));
        Assert.Equal(0, rig.Call(SyscallNr.SetRobustList, Buffer, 24));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.SetRobustList, Buffer, 23));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Rseq, Buffer + 1, 32, 0, 5));
        Assert.Equal(0, rig.Call(SyscallNr.Rseq, Buffer, 32, 0, 5));
        Assert.Equal(-(long)Errno.EBUSY, rig.Call(SyscallNr.Rseq, Buffer, 32, 0, 5));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Rseq, Buffer, 32, 1, 6));
        Assert.Equal(0, rig.Call(SyscallNr.Rseq, Buffer, 32, 1, 5));
    }

    [Fact]
    public void Modes_of_execution_are_kept()
    {
        const ulong readImpliesExec = 0x0400000, asks = 0xffffffff;
        Assert.Equal(0, rig.Call(SyscallNr.Personality, readImpliesExec));
        Assert.Equal((long)readImpliesExec, rig.Call(SyscallNr.Personality, asks));
        Assert.Equal(0, rig.Call(SyscallNr.ArchPrctl, 0x1002, Buffer));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.ArchPrctl, 0x1002, ulong.MaxValue));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.ArchPrctl, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, 66));
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, 65, 1));
        Assert.Equal(1, rig.Call(SyscallNr.Prctl, 66));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Prctl, 65));
    }

    [Fact]
    public void Protection_keys_are_none()
    {
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PkeyAlloc, 1));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PkeyAlloc)); // takes the only one, in vain
        Assert.Equal(-(long)Errno.ENOSPC, rig.Call(SyscallNr.PkeyAlloc));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PkeyAlloc, 0, 4));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PkeyFree, 1));
    }

    [Fact]
    public void What_was_set_before_is_written_where_the_caller_says()
    {
        const ulong usr1 = 10, setMask = 2, disabled = 2;
        SyscallOperands Words(params ulong[] words) => new() { Words = words };
        ulong WordAt(ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(rig.Peek(at, 8));
        Assert.Equal(0, rig.Call(SyscallNr.RtSigaction, usr1, Buffer, 0, 8, operands: Words(0x1000, 4, 0x2000, 1)));
        Assert.Equal(0, rig.Call(SyscallNr.RtSigaction, usr1, 0, Buffer, 8));
        Assert.Equal((0x1000UL, 4UL), (WordAt(Buffer), WordAt(Buffer + 8)));
        Assert.Equal((0x2000UL, 1UL), (WordAt(Buffer + 16), WordAt(Buffer + 24)));
        Assert.Equal(0, rig.Call(SyscallNr.RtSigprocmask, setMask, Buffer, Buffer + 64, 8, operands: Words(6)));
        Assert.Equal(0, rig.Call(SyscallNr.RtSigprocmask, 0, 0, Buffer + 64, 8));
        Assert.Equal(6UL, WordAt(Buffer + 64));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.RtSigprocmask, 0, 0, 8, 8));
        Assert.Equal(0, rig.Call(SyscallNr.Sigaltstack, 0, Buffer));
        Assert.Equal(disabled, WordAt(Buffer + 8));
    }

    [Fact]
    public void Files_grow_up_to_their_limit()
    {
        const ulong fileSize = 1;
        ulong fd = (ulong)rig.Open("/data");
        var limit = new SyscallOperands { Words = [100, 100] };
        Assert.Equal(0, rig.Call(SyscallNr.Setrlimit, fileSize, Buffer, operands: limit));
        var ignore = new SyscallOperands { Words = [1, 0, 0, 0] };
        rig.Call(SyscallNr.RtSigaction, (ulong)Signal.SigXfsz, Buffer, 0, 8, operands: ignore);
        Assert.Equal(100, rig.Call(SyscallNr.Write, fd, Buffer, 200));
        Assert.Equal(-(long)Errno.EFBIG, rig.Call(SyscallNr.Write, fd, Buffer, 1));
        Assert.Equal(-(long)Errno.EFBIG, rig.Call(SyscallNr.Ftruncate, fd, 101));
        Assert.Equal(-(long)Errno.EFBIG, rig.Call(SyscallNr.Fallocate, fd, 0, 0, 101));
        Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, fd, 50));
    }

    [Fact]
    public void Waiting_refuses_unknown_options_and_the_group_that_cannot_be()
    {
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Wait4, 0, 0, 4));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.Wait4, 0x8000_0000, 0, 2));
        Assert.Equal(-(long)Errno.ECHILD, rig.Call(SyscallNr.Wait4, ulong.MaxValue, 0, 0xe000_000b));
    }

    [Fact]
    public void Unsharing_gives_descriptors_of_its_own_or_capabilities()
    {
        const ulong files = 0x400, mounts = 0x2_0000, user = 0x1000_0000;
        TaskStruct parent = rig.Task;
        rig.Task = rig.Kernel.Fork(parent, CloneFlags.Files);
        Assert.Same(parent.Files, rig.Task.Files);
        Assert.Equal(0, rig.Call(SyscallNr.Unshare, files));
        Assert.NotSame(parent.Files, rig.Task.Files);
        rig.Task.Credentials = rig.Task.Credentials with { Effective = Capabilities.None };
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Unshare, mounts));
        Assert.Equal(0, rig.Call(SyscallNr.Unshare, mounts | user));
        Assert.Equal(0, rig.Call(SyscallNr.Unshare, mounts));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Unshare, 1));
    }

    [Fact]
    public void Transparent_huge_pages_are_switched_off_and_on()
    {
        const ulong set = 41, get = 42;
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, get));
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, set, 1, 2));
        Assert.Equal(3, rig.Call(SyscallNr.Prctl, get));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Prctl, set, 0, 2));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Prctl, get, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, set));
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, get));
    }

    [Fact]
    public void Bytes_go_between_two_processes()
    {
        rig.Poke(Buffer, [1, 2, 3, 4]);
        TaskStruct parent = rig.Task;
        rig.Task = rig.Kernel.Fork(parent);
        rig.Poke(Buffer, [5, 6, 7, 8]);
        long Move(SyscallNr nr, int pid, ulong near, ulong far) => rig.Call(nr, (ulong)pid, Buffer + 100, 1,
            Buffer + 200, 1, operands: new SyscallOperands
            {
                Vectors = [new IoVec(near, 4)],
                RemoteVectors = [new IoVec(far, 4)],
            });
        Assert.Equal(4, Move(SyscallNr.ProcessVmReadv, parent.Tid, Buffer + 8, Buffer));
        Assert.Equal([1, 2, 3, 4], rig.Peek(Buffer + 8, 4));
        Assert.Equal(4, Move(SyscallNr.ProcessVmWritev, parent.Tid, Buffer, Buffer + 16));
        Assert.Equal(-(long)Errno.EFAULT, Move(SyscallNr.ProcessVmReadv, parent.Tid, Buffer, 0x1000));
        Assert.Equal(-(long)Errno.ESRCH, Move(SyscallNr.ProcessVmReadv, 9999, Buffer, Buffer));
        // All of a range is pinned, whatever the other side has room for.
        const ulong wide = 0x6100_0000;
        Assert.Equal((long)wide, rig.Call(SyscallNr.Mmap, wide, 3 * 4096, 3, 0x32, ulong.MaxValue));
        long pages = rig.Task.Mm.RssAnon;
        Assert.Equal(4, rig.Call(SyscallNr.ProcessVmWritev, (ulong)rig.Task.Tid, Buffer + 100, 1, Buffer + 200, 1,
            operands: new SyscallOperands
            {
                Vectors = [new IoVec(Buffer, 4)],
                RemoteVectors = [new IoVec(wide + 5, 3 * 4096)],
            }));
        Assert.Equal(pages + 3, rig.Task.Mm.RssAnon);
        // What may only be written is not taken hold of to read it, though the processor could.
        const ulong at = 0x6000_0000, fixedAnonymous = 0x32;
        Assert.Equal((long)at, rig.Call(SyscallNr.Mmap, at, 4096, 2, fixedAnonymous, ulong.MaxValue));
        int self = rig.Task.Tid;
        Assert.Equal(4, Move(SyscallNr.ProcessVmWritev, self, Buffer, at));
        Assert.Equal(-(long)Errno.EFAULT, Move(SyscallNr.ProcessVmReadv, self, Buffer + 8, at));
        rig.Task = parent;
        Assert.Equal([5, 6, 7, 8], rig.Peek(Buffer + 16, 4));
    }

    [Fact]
    public void Clone3_takes_its_arguments_from_a_structure()
    {
        SyscallResult Clone(params ulong[] words)
        {
            rig.Kernel.Trap(rig.Task, new SyscallRequest
            {
                Nr = SyscallNr.Clone3,
                Child = new IdleProgram(ImageSpec.Empty),
                Operands = new SyscallOperands { Words = words },
            });
            return rig.Task.Result;
        }

        Assert.True(Clone(0, 0, 0, 0, 17, 0, 0, 0).Value > rig.Task.Tid);
        Assert.Equal(Errno.EINVAL, Clone(0, 0, 0, 0, 65, 0, 0, 0).Errno);
        Assert.Equal(Errno.EINVAL, Clone(0, 0, 0, 0, 17, Buffer, 0, 0).Errno);
        Assert.Equal(Errno.EINVAL, Clone((ulong)CloneFlags.SigHand, 0, 0, 0, 17, 0, 0, 0).Errno);
    }

    [Fact]
    public void Signals_to_threads_find_them_or_are_refused()
    {
        ulong own = (ulong)rig.Task.Tid;
        Assert.Equal(0, rig.Call(SyscallNr.Tkill, own, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Tgkill, own, own, 0));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.Tkill, 9999, 0));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.Tgkill, own + 1, own, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Tkill, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Tkill, own, 65));
        long Stack(ulong flags, ulong bytes) => rig.Call(SyscallNr.Sigaltstack, Buffer,
            operands: new SyscallOperands { Words = [Buffer, flags, bytes] });
        Assert.Equal(0, Stack(0, 8192));
        Assert.Equal(-(long)Errno.ENOMEM, Stack(0, 2047));
        Assert.Equal(-(long)Errno.EINVAL, Stack(4, 8192));
    }

    [Fact]
    public void A_sleep_until_a_moment_that_has_passed_is_none()
    {
        var request = new SyscallRequest { Nr = SyscallNr.ClockNanosleep, A1 = 1, A2 = 1 };
        Assert.Equal(TrapAction.Resume, rig.Kernel.Trap(rig.Task, request).Action);
        Assert.Equal(0, rig.Task.Result.Value);
        TrapOutcome outcome = rig.Kernel.Trap(rig.Task, request with { A1 = 0, A2 = 500 });
        Assert.Equal(TrapAction.Block, outcome.Action);
    }

    [Fact]
    public void Mincore_tells_which_pages_are_there()
    {
        const ulong at = 0x2000_0000;
        rig.Kernel.Map(rig.Task, at, 4);
        rig.Poke(at + 4096, [1]);
        rig.Poke(at + (3 * 4096), [1]);
        Assert.Equal(0, rig.Call(SyscallNr.Mincore, at, 4 * 4096, Buffer));
        Assert.Equal([0, 1, 0, 1], rig.Peek(Buffer, 4));
        Assert.Equal(-(long)Errno.ENOMEM, rig.Call(SyscallNr.Mincore, at, 5 * 4096, Buffer));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Mincore, at + 1, 4096, Buffer));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Mincore, at, 4096, 0x1000));
    }

    private void Words(ulong first, ulong second)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, first);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), second);
        rig.Poke(Buffer, bytes);
    }

    private long Word(ulong offset) => BinaryPrimitives.ReadInt64LittleEndian(rig.Peek(Buffer + offset, 8));
}
