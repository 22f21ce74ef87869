using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>futex_wake, futex_wait, futex_requeue, futex_waitv: as Linux 6.18 answered the same calls.</summary>
public class Futex2Spec : IDisposable
{
    private const ulong One = KernelRig.Arena, Two = KernelRig.Arena + 64, Table = KernelRig.Arena + 0x1000;
    private const ulong All = uint.MaxValue, Size32 = 2, Private = 128;
    private const CloneFlags Thread = CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
    private readonly TaskStruct main;

    public Futex2Spec()
    {
        main = rig.Start();
        rig.Map(main, KernelRig.Arena, 3);
        Entries((0, One, Size32), (0, Two, Size32));
    }

    [Fact]
    public void A_wait_is_woken_by_bits_in_common_and_nobody_by_a_count_of_0()
    {
        TaskStruct thread = Blocks(SyscallNr.FutexWait, One, 0, 1, Size32);
        Assert.Equal(0, Call(SyscallNr.FutexWake, One, All, 0, Size32));
        Assert.Equal(0, Call(SyscallNr.FutexWake, One, 2, 1, Size32));
        Assert.Equal(0, Call(SyscallNr.FutexWake, One, All, 1, Size32 | Private));
        Assert.Equal(1, Call(SyscallNr.FutexWake, One, 3, 1, Size32));
        Assert.Equal(0, Resume(thread).Value);
    }

    [Fact]
    public void Flags_values_masks_and_clocks_are_refused()
    {
        foreach (ulong flags in new ulong[] { 0, 1, 3, Size32 | 16 })
        {
            Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWake, One, 1, 1, flags));
            Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWait, One, 0, 1, flags));
        }

        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWake, One, 1UL << 32, 1, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWake, One, 0, 0, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWake, One + 1, 1, 1, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWait, One, 1UL << 32, 1, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWait, One, 0, 0, Size32));
        Assert.Equal(-(long)Errno.EAGAIN, Call(SyscallNr.FutexWait, One, 1, 1, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWait, One, 0, 1, Size32, Table + 0x800, 5));
        Assert.Equal(-(long)Errno.EFAULT, Call(SyscallNr.FutexWait, One, 0, 1, Size32, 0x100, 1));
        Assert.Equal(-(long)Errno.ETIMEDOUT, Call(SyscallNr.FutexWait, One, 0, 1, Size32, Table + 0x800, 1));
    }

    [Fact]
    public void Who_waits_for_several_is_told_the_last_that_was_woken_before_it_ran()
    {
        Entries((0, One, Size32), (0, Two, Size32), (0, Two + 64, Size32));
        TaskStruct thread = Blocks(SyscallNr.FutexWaitv, Table, 3, 0, 0);
        Assert.Equal(1, Call(SyscallNr.FutexWake, Two, All, 1, Size32));
        Assert.Equal(1, Call(SyscallNr.FutexWake, One, All, 1, Size32));
        Assert.Equal([thread], rig.Kernel.Woken);
        Assert.Equal(1, Resume(thread).Value);
        Assert.Equal(0, Call(SyscallNr.FutexWake, Two + 64, All, 1, Size32));
        Assert.Equal(0, rig.Kernel.Futexes.Count);
    }

    [Fact]
    public void Bad_vectors_are_refused()
    {
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 0, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 129, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 1, 1, 0));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, 0, 1, 0, 0));
        Assert.Equal(-(long)Errno.EFAULT, Call(SyscallNr.FutexWaitv, 0x100, 1, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 1, 0, Table + 0x800, 3));
        Assert.Equal(-(long)Errno.ETIMEDOUT, Call(SyscallNr.FutexWaitv, Table, 1, 0, Table + 0x800, 1));
        Entries((0, One, Size32), (7, Two, Size32));
        Assert.Equal(-(long)Errno.EAGAIN, Call(SyscallNr.FutexWaitv, Table, 2, 0, 0));
        Entries((0, One, Size32), (7, Two + 1, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 2, 0, 0));
        Entries((0, One, Size32 | (1UL << 32)), (0, Two, Size32));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexWaitv, Table, 2, 0, 0));
    }

    [Fact]
    public void A_requeue_takes_both_words_from_two_entries_that_are_alike()
    {
        TaskStruct first = Blocks(SyscallNr.FutexWait, One, 0, All, Size32);
        TaskStruct second = Blocks(SyscallNr.FutexWait, One, 0, All, Size32);
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexRequeue, Table, 1, 1, 1));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexRequeue, 0, 0, 1, 1));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexRequeue, Table, 0, ulong.MaxValue, 1));
        Entries((9, One, Size32), (0, Two, Size32));
        Assert.Equal(-(long)Errno.EAGAIN, Call(SyscallNr.FutexRequeue, Table, 0, 1, 1));
        Entries((0, One, Size32), (0, Two, Size32 | Private));
        Assert.Equal(-(long)Errno.EINVAL, Call(SyscallNr.FutexRequeue, Table, 0, 1, 1));
        Entries((0, One, Size32), (0, Two, Size32));
        Assert.Equal(2, Call(SyscallNr.FutexRequeue, Table, 0, 1, 1));
        Assert.Equal([first], rig.Kernel.Woken);
        Assert.Equal(1, Call(SyscallNr.FutexWake, Two, All, 5, Size32));
        Assert.Equal([first, second], rig.Kernel.Woken);
    }

    public void Dispose() => rig.Dispose();

    // Value, address, and flags with what is reserved above them; behind them a time that is over.
    private void Entries(params (ulong Value, ulong Address, ulong Flags)[] entries)
    {
        Assert.True(rig.Access(main, Table, AccessKind.Write), "the store is refused");
        var page = rig.FrameAt(main.Mm, Table);
        for (int i = 0; i < entries.Length; i++)
        {
            rig.Memory.Ram.WriteWord(page, i * 24, entries[i].Value);
            rig.Memory.Ram.WriteWord(page, (i * 24) + 8, entries[i].Address);
            rig.Memory.Ram.WriteWord(page, (i * 24) + 16, entries[i].Flags);
        }

        rig.Memory.Ram.WriteWord(page, 0x808, 1);
    }

    private TaskStruct Blocks(SyscallNr nr, ulong a0, ulong a1, ulong a2, ulong a3)
    {
        TaskStruct thread = rig.Fork(main, Thread);
        TrapOutcome outcome = rig.Trap(thread, new SyscallRequest { Nr = nr, A0 = a0, A1 = a1, A2 = a2, A3 = a3 });
        Assert.Equal(TrapAction.Block, outcome.Action);
        rig.Kernel.Woken.Clear();
        return thread;
    }

    private long Call(SyscallNr nr, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4 = 0, ulong a5 = 0) =>
        rig.Call(main, nr, a0, a1, a2, a3, a4, a5).Value;

    private SyscallResult Resume(TaskStruct task)
    {
        rig.Kernel.Woken.Clear();
        rig.Trap(task, task.Batch!.Call);
        return task.Result;
    }
}
