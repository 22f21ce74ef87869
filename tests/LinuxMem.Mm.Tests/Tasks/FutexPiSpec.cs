using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>
/// Locks with priority inheritance: words and answers are those that Linux 6.18 gave to the same calls.
/// </summary>
public class FutexPiSpec : IDisposable
{
    private const ulong Lock = KernelRig.Arena;
    private const ulong Condition = KernelRig.Arena + 0x1000;
    private const ulong Waiters = 0x8000_0000, OwnerDied = 0x4000_0000;
    private const CloneFlags Thread = CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread;
    private const ulong Wake = 1, Requeue = 3, LockPi = 6, UnlockPi = 7, TryLockPi = 8, WaitRequeuePi = 11,
        CompareRequeuePi = 12, LockPi2 = 13, Private = 128, ClockRealtime = 256;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
    private readonly TaskStruct main;

    public FutexPiSpec()
    {
        main = rig.Start();
        rig.Map(main, KernelRig.Arena, 3);
    }

    private ulong Me => (uint)main.Tid;

    [Fact]
    public void A_free_lock_is_taken_by_writing_ones_tid_and_let_go_by_writing_0()
    {
        Assert.Equal(0, Futex(main, Lock, TryLockPi));
        Assert.Equal(Me, rig.Load(main, Lock));
        Assert.Equal(-(long)Errno.EDEADLK, Futex(main, Lock, TryLockPi));
        Assert.Equal(-(long)Errno.EDEADLK, Futex(main, Lock, LockPi));
        Assert.Equal(0, Futex(main, Lock, UnlockPi));
        Assert.Equal(0UL, rig.Load(main, Lock));
        Assert.Equal(-(long)Errno.EPERM, Futex(main, Lock, UnlockPi));
    }

    [Theory]
    [InlineData(OwnerDied, 0, OwnerDied)]
    [InlineData(Waiters, 0, 0UL)]
    [InlineData(0x3fff_fff0UL, -(int)Errno.ESRCH, Waiters | 0x3fff_fff0)]
    [InlineData(1UL, -(int)Errno.EAGAIN, Waiters | 1)]
    public void What_a_word_says_decides_over_a_try(ulong before, long result, ulong after)
    {
        rig.Store(main, Lock, before);
        Assert.Equal(result, Futex(main, Lock, TryLockPi));
        Assert.Equal(after | (result == 0 ? Me : 0), rig.Load(main, Lock));
        Assert.Equal(0, rig.Kernel.Futexes.LockCount);
    }

    [Fact]
    public void Who_waits_gets_the_lock_from_its_owner_in_the_order_of_coming()
    {
        Futex(main, Lock, LockPi);
        TaskStruct first = Blocks(Lock, LockPi), second = Blocks(Lock, LockPi2);
        Assert.Equal(Waiters | Me, rig.Load(main, Lock));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Lock, Wake, 1));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Lock, Requeue, 1, 1, Condition));
        Assert.Equal(0, Futex(main, Lock, UnlockPi));
        Assert.Equal([first], rig.Kernel.Woken);
        Assert.Equal(Waiters | (uint)first.Tid, rig.Load(main, Lock));
        Assert.Equal(0, Resume(first).Value);
        Assert.Equal(-(long)Errno.EPERM, Futex(main, Lock, UnlockPi));
        Assert.Equal(0, Futex(first, Lock, UnlockPi));
        Assert.Equal(0, Resume(second).Value);
        Assert.Equal(0, Futex(second, Lock, UnlockPi));
        Assert.Equal((0UL, 0, 0), (rig.Load(main, Lock), rig.Kernel.Futexes.LockCount, rig.Kernel.Futexes.Count));
    }

    [Fact]
    public void A_word_that_the_waiters_do_not_agree_with_is_EINVAL()
    {
        Futex(main, Lock, LockPi);
        Blocks(Lock, LockPi);
        TaskStruct other = rig.Fork(main, Thread);
        rig.Store(main, Lock, Waiters | 1);
        Assert.Equal(-(long)Errno.EINVAL, Futex(other, Lock, TryLockPi));
        rig.Store(main, Lock, Waiters | (uint)other.Tid);
        Assert.Equal(-(long)Errno.EINVAL, Futex(other, Lock, UnlockPi));
    }

    [Fact]
    public void Waiters_of_another_kind_make_a_lock_EINVAL()
    {
        Blocks(Lock, 0);
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Lock, TryLockPi));
        Assert.Equal(-(long)Errno.EPERM, Futex(main, Lock, UnlockPi));
        rig.Store(main, Lock, Me);
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Lock, UnlockPi));
    }

    [Fact]
    public void An_owner_that_ends_leaves_the_lock_to_who_waits_with_a_word_that_says_so()
    {
        TaskStruct owner = rig.Fork(main, Thread);
        Futex(owner, Lock, LockPi);
        TaskStruct heir = Blocks(Lock, LockPi);
        rig.Trap(owner, new SyscallRequest { Nr = SyscallNr.Exit });
        Assert.Contains(heir, rig.Kernel.Woken);
        Assert.Equal(0, Resume(heir).Value);
        Assert.Equal(Waiters | OwnerDied | (uint)heir.Tid, rig.Load(main, Lock));
        Assert.Equal(0, Futex(heir, Lock, UnlockPi));
        Assert.Equal(0UL, rig.Load(main, Lock));
    }

    [Fact]
    public void An_owner_that_has_ended_before_anybody_waited_is_ESRCH()
    {
        TaskStruct owner = rig.Fork(main, Thread);
        Futex(owner, Lock, LockPi);
        rig.Trap(owner, new SyscallRequest { Nr = SyscallNr.Exit });
        Assert.Equal(-(long)Errno.ESRCH, Futex(main, Lock, TryLockPi));
        Assert.Equal(-(long)Errno.ESRCH, Futex(main, Lock, LockPi));
    }

    [Fact]
    public void A_process_that_is_killed_while_it_waits_does_not_get_the_lock()
    {
        ulong shared = rig.Map(main, KernelRig.Arena + 0x20000, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        TaskStruct gone = rig.Fork(main), next = rig.Fork(main);
        Futex(main, shared, LockPi);
        foreach (TaskStruct task in new[] { gone, next })
            rig.Trap(task, new SyscallRequest { Nr = SyscallNr.Futex, A0 = shared, A1 = LockPi });
        rig.Call(main, SyscallNr.Kill, (uint)gone.Group.Pid, (ulong)Signal.SigKill);
        Resume(gone);
        Assert.Equal(TaskState.Dead, gone.State);
        rig.Kernel.Woken.Clear();
        Futex(main, shared, UnlockPi);
        Assert.Equal([next], rig.Kernel.Woken);
        Assert.Equal(Waiters | (uint)next.Tid, rig.Load(main, shared));
    }

    [Fact]
    public void Who_waits_at_a_condition_is_given_its_lock_or_waits_for_it()
    {
        TaskStruct a = Blocks(Condition, WaitRequeuePi, Lock), b = Blocks(Condition, WaitRequeuePi, Lock);
        TaskStruct c = Blocks(Condition, WaitRequeuePi, Lock);
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, Wake, 1));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, Requeue, 1, 1, Lock));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, CompareRequeuePi, 1, 1, Lock + 64));
        Assert.Equal(2, Futex(main, Condition, CompareRequeuePi, 1, 1, Lock));
        Assert.Equal([a], rig.Kernel.Woken);
        Assert.Equal(Waiters | (uint)a.Tid, rig.Load(main, Lock));
        Assert.Equal(0, Resume(a).Value);
        Assert.Equal(0, Futex(a, Lock, UnlockPi));
        Assert.Equal(0, Resume(b).Value);
        Assert.Equal(1, Futex(main, Condition, CompareRequeuePi, 1, 9, Lock));
        Assert.Equal(0, Futex(b, Lock, UnlockPi));
        Assert.Equal(0, Resume(c).Value);
        Assert.Equal(0, Futex(c, Lock, UnlockPi));
        Assert.Equal(0, Futex(main, Condition, CompareRequeuePi, 1, 9, Lock));
        Assert.Equal((0UL, 0, 0), (rig.Load(main, Lock), rig.Kernel.Futexes.LockCount, rig.Kernel.Futexes.Count));
    }

    [Fact]
    public void A_lock_that_is_taken_gets_one_waiter_more_than_asked_for()
    {
        rig.Store(main, Lock, Me);
        Blocks(Condition, WaitRequeuePi, Lock);
        Blocks(Condition, WaitRequeuePi, Lock);
        Assert.Equal(1, Futex(main, Condition, CompareRequeuePi, 1, 0, Lock));
        Assert.Equal(Waiters | Me, rig.Load(main, Lock));
        Assert.Equal(1, Futex(main, Condition, CompareRequeuePi, 1, 5, Lock));
        Assert.Equal(1, rig.Kernel.Futexes.LockCount);
    }

    [Fact]
    public void Bad_arguments_are_refused_in_the_order_of_Linux()
    {
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Lock + 1, LockPi));
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, 0x100, LockPi));
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, 1UL << 60, LockPi));
        Assert.Equal(-(long)Errno.EPERM, Futex(main, Lock + 1, UnlockPi));
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, 0x100, UnlockPi));
        Assert.Equal(-(long)Errno.ENOSYS, Futex(main, Lock, LockPi | ClockRealtime));
        Assert.Equal(-(long)Errno.ENOSYS, Futex(main, Lock, ClockRealtime));
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, Lock + 1, LockPi, 0, 0x100));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, WaitRequeuePi, 0, 0, Condition));
        Assert.Equal(-(long)Errno.EAGAIN, Futex(main, Condition, WaitRequeuePi, 1, 0, Lock));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, CompareRequeuePi, 2, 1, Lock));
        Assert.Equal(-(long)Errno.EINVAL, Futex(main, Condition, CompareRequeuePi, 1, ulong.MaxValue, Lock));
        Assert.Equal(-(long)Errno.EAGAIN, Futex(main, Condition, CompareRequeuePi, 1, 1, Lock, 5));
        ulong readOnly = rig.Map(main, KernelRig.Arena + 0x10000, 1, ProtFlags.Read);
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, readOnly, TryLockPi | Private));
        Assert.Equal(-(long)Errno.EPERM, Futex(main, readOnly, UnlockPi | Private));
        Assert.Equal(-(long)Errno.EFAULT, Futex(main, readOnly, Wake, 1));
        Assert.Equal(0, Futex(main, readOnly, Wake | Private, 1));
    }

    [Fact]
    public void Private_and_other_calls_on_one_word_of_private_memory_do_not_meet()
    {
        TaskStruct here = Blocks(Lock, Private);
        Assert.Equal(0, Futex(main, Lock, Wake, 1));
        Assert.Equal(1, Futex(main, Lock, Wake | Private, 1));
        Assert.Equal([here], rig.Kernel.Woken);
    }

    [Theory]
    [InlineData(0UL, OwnerDied)]
    [InlineData(Waiters, Waiters | OwnerDied)]
    public void Locks_on_the_robust_list_of_a_task_that_ends_are_marked_and_who_waits_is_woken(
        ulong waiters, ulong after)
    {
        const ulong head = Condition, entry = Condition + 0x1000;
        TaskStruct owner = rig.Fork(main, Thread);
        Bytes(owner, head, entry, unchecked(Lock - entry), 0);
        Bytes(owner, entry, head);
        rig.Store(owner, Lock, (uint)owner.Tid | waiters);
        TaskStruct sleeper = Blocks(Lock, 0, value: (uint)owner.Tid | waiters);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(owner, SyscallNr.SetRobustList, head, 23).Value);
        Assert.Equal(0, rig.Call(owner, SyscallNr.SetRobustList, head, 24).Value);
        rig.Trap(owner, new SyscallRequest { Nr = SyscallNr.Exit });
        Assert.Equal(after, rig.Load(main, Lock));
        Assert.Equal(waiters != 0, rig.Kernel.Woken.Contains(sleeper));
    }

    [Fact]
    public void A_lock_that_was_being_taken_is_on_no_list_and_is_marked_all_the_same()
    {
        const ulong head = Condition;
        TaskStruct owner = rig.Fork(main, Thread);
        Bytes(owner, head, head, 0, Lock);
        rig.Store(owner, Lock, (uint)owner.Tid);
        rig.Call(owner, SyscallNr.SetRobustList, head, 24);
        rig.Trap(owner, new SyscallRequest { Nr = SyscallNr.Exit });
        Assert.Equal(OwnerDied, rig.Load(main, Lock));
    }

    [Fact]
    public void The_robust_list_of_a_task_can_be_asked_for()
    {
        rig.Call(main, SyscallNr.SetRobustList, Condition, 24);
        Assert.Equal(0, rig.Call(main, SyscallNr.GetRobustList, 0, Lock, Condition).Value);
        Assert.Equal((Condition, 24UL), (rig.Load(main, Lock), rig.Load(main, Condition)));
        Assert.Equal(Errno.ESRCH, rig.Call(main, SyscallNr.GetRobustList, 9999, Lock, Condition).Errno);
        Assert.Equal(Errno.EFAULT, rig.Call(main, SyscallNr.GetRobustList, 0, 0x100, Condition).Errno);
        Assert.Equal(Errno.EFAULT, rig.Call(main, SyscallNr.GetRobustList, 0, Lock, 0x100).Errno);
    }

    public void Dispose() => rig.Dispose();

    private void Bytes(TaskStruct task, ulong va, params ulong[] words)
    {
        Assert.True(rig.Access(task, va, AccessKind.Write), "the store is refused");
        for (int i = 0; i < words.Length; i++)
            rig.Memory.Ram.WriteWord(rig.FrameAt(task.Mm, va), (int)(va & 0xfff) + (i * 8), words[i]);
    }

    private TaskStruct Blocks(ulong address, ulong operation, ulong second = 0, ulong value = 0)
    {
        TaskStruct thread = rig.Fork(main, Thread);
        TrapOutcome outcome = rig.Trap(thread, new SyscallRequest
        {
            Nr = SyscallNr.Futex,
            A0 = address,
            A1 = operation,
            A2 = value,
            A4 = second,
        });
        Assert.Equal(TrapAction.Block, outcome.Action);
        rig.Kernel.Woken.Clear();
        return thread;
    }

    private long Futex(TaskStruct task, ulong address, ulong operation, ulong value = 0, ulong third = 0,
        ulong second = 0, ulong last = 0) =>
        rig.Call(task, SyscallNr.Futex, address, operation, value, third, second, last).Value;

    private SyscallResult Resume(TaskStruct task)
    {
        rig.Kernel.Woken.Clear();
        rig.Trap(task, task.Batch!.Call);
        return task.Result;
    }
}
