using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>futex: waiting on a word of memory, and waking who waits there.</summary>
public class FutexSpec : IDisposable
{
    private const ulong Word = KernelRig.Arena + 8;
    private const CloneFlags Thread = CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread;
    private const ulong Wait = 0, Wake = 1, Requeue = 3, CompareRequeue = 4, WaitBitset = 9, WakeBitset = 10;
    private const ulong Private = 128;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
    private readonly TaskStruct main;

    public FutexSpec()
    {
        main = rig.Start();
        rig.Map(main, KernelRig.Arena, 2);
    }

    [Fact]
    public void Who_waits_is_woken_in_the_order_of_coming_and_gets_0()
    {
        TaskStruct[] threads = [Sleeper(), Sleeper(), Sleeper()];
        Assert.Equal(2, Futex(main, Wake, 2));
        Assert.Equal([threads[0], threads[1]], rig.Kernel.Woken);
        Assert.Equal(0, Resume(threads[0]).Value);
        Assert.Equal(0, Resume(threads[1]).Value);
        Assert.Equal(1, Futex(main, Wake, 10));
        Assert.Equal(0, Futex(main, Wake, 10));
    }

    [Fact]
    public void A_word_that_is_not_what_was_expected_is_EAGAIN_and_faults_its_page_in()
    {
        Assert.Equal(-(long)Errno.EAGAIN, Futex(main, Wait, 7));
        Assert.True(rig.Memory.Tables.Find(main.Mm, Word).Exists);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(main, SyscallNr.Futex, Word + 1, Wait).Value);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(main, SyscallNr.Futex, 1UL << 60, Wait).Value);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(main, SyscallNr.Futex, 0x100, Wait).Value);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(main, SyscallNr.Futex, Word, WaitBitset, 0, 0, 0, 0).Value);
        Assert.Equal(-(long)Errno.ENOSYS, rig.Call(main, SyscallNr.Futex, Word, 2).Value);
        Assert.Equal(-(long)Errno.EINVAL,
            rig.Call(main, SyscallNr.Futex, Word, Requeue, 1, ulong.MaxValue, Word).Value);
    }

    // Operation, comparison, argument, compared with: the word before and after, and whether it compares.
    [Theory]
    [InlineData(0, 0, 7, 3, 3, 7, true)]
    [InlineData(1, 1, -2, 3, 3, 1, false)]
    [InlineData(2, 2, 4, 3, 2, 6, true)]
    [InlineData(3, 3, 1, 3, 3, 2, true)]
    [InlineData(4, 4, 6, 3, 3, 5, false)]
    [InlineData(8, 5, 5, 3, 4, 32, true)]
    public void Wake_op_changes_the_second_word_and_wakes_who_waits_there_if_it_was_so(
        uint operation, uint comparison, int argument, int than, uint before, uint after, bool isTrue)
    {
        var change = new FutexChange(
            (operation << 28) | (comparison << 24) | (((uint)argument & 0xfff) << 12) | ((uint)than & 0xfff));
        Assert.True(change.IsKnown);
        Assert.Equal(after, change.Apply(before));
        Assert.Equal(isTrue, change.Compare(before));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(5, 1)]
    public void Wake_op_wakes_on_both_words_or_on_the_first(uint than, long woken)
    {
        const ulong wakeOp = 5, second = Word + 4;
        TaskStruct here = Sleeper();
        TaskStruct there = rig.Fork(main, Thread);
        rig.Kernel.Woken.Clear();
        rig.Trap(there, new SyscallRequest { Nr = SyscallNr.Futex, A0 = second, A1 = Wait });
        rig.Kernel.Woken.Clear();
        Assert.Equal(woken, rig.Call(main, SyscallNr.Futex, Word, wakeOp, 1, 1, second, 0x1000_1000UL + than)
            .Value);
        Assert.Contains(here, rig.Kernel.Woken);
        Assert.Equal(woken == 2, rig.Kernel.Woken.Contains(there));
        Assert.Equal(-(long)Errno.ENOSYS,
            rig.Call(main, SyscallNr.Futex, Word, wakeOp, 1, 1, second, 0x7000_0000).Value);
    }

    [Fact]
    public void A_wait_with_a_time_ends_by_itself_with_ETIMEDOUT()
    {
        TaskStruct thread = rig.Fork(main, Thread);
        rig.Kernel.Woken.Clear();
        TrapOutcome outcome = rig.Trap(thread, new SyscallRequest
        {
            Nr = SyscallNr.Futex,
            A0 = Word,
            A1 = Wait,
            Operands = new SyscallOperands { Words = [0, 50_000] },
        });
        Assert.Equal(TrapAction.Block, outcome.Action);
        thread.WakeAtNs = outcome.WakeAtNs;
        Assert.True(rig.Kernel.SleepsUntil(thread.Tid, outcome.WakeAtNs));
        rig.Kernel.WakeSleeper(thread.Tid);
        Assert.Equal(Errno.ETIMEDOUT, Resume(thread).Errno);
        Assert.Equal(0, Futex(main, Wake, 1));
    }

    [Fact]
    public void Bits_say_which_wakes_are_heard()
    {
        TaskStruct one = Sleeper(WaitBitset, 1);
        TaskStruct two = Sleeper(WaitBitset, 2);
        Assert.Equal(1, rig.Call(main, SyscallNr.Futex, Word, WakeBitset, 10, 0, 0, 2).Value);
        Assert.Equal([two], rig.Kernel.Woken);
        rig.Kernel.Woken.Clear();
        Assert.Equal(1, Futex(main, Wake, 1));
        Assert.Equal([one], rig.Kernel.Woken);
    }

    [Fact]
    public void Some_are_woken_and_others_wait_elsewhere_from_then_on()
    {
        TaskStruct[] threads = [Sleeper(), Sleeper(), Sleeper(), Sleeper()];
        Assert.Equal(-(long)Errno.EAGAIN,
            rig.Call(main, SyscallNr.Futex, Word, CompareRequeue, 1, 2, Word + 4, 9).Value);
        Assert.Equal(3, rig.Call(main, SyscallNr.Futex, Word, CompareRequeue, 1, 2, Word + 4, 0).Value);
        Assert.Equal([threads[0]], rig.Kernel.Woken);
        rig.Kernel.Woken.Clear();
        Assert.Equal(1, Futex(main, Wake, 10));
        Assert.Equal(2, rig.Call(main, SyscallNr.Futex, Word + 4, Wake, 10).Value);
        Assert.Equal([threads[3], threads[1], threads[2]], rig.Kernel.Woken);
    }

    [Fact]
    public void Processes_meet_on_shared_memory_unless_the_futex_is_private()
    {
        ulong shared = rig.Map(main, KernelRig.Arena + 0x10000, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        TaskStruct child = rig.Fork(main);
        rig.Kernel.Woken.Clear();
        rig.Trap(child, new SyscallRequest { Nr = SyscallNr.Futex, A0 = shared, A1 = Wait });
        Assert.Equal(0, rig.Call(main, SyscallNr.Futex, shared, Wake | Private, 1).Value);
        Assert.Equal(1, rig.Call(main, SyscallNr.Futex, shared, Wake, 1).Value);
        TaskStruct other = rig.Fork(main);
        rig.Trap(other, new SyscallRequest { Nr = SyscallNr.Futex, A0 = Word, A1 = Wait });
        Assert.Equal(0, Futex(main, Wake, 1));
    }

    [Fact]
    public void Who_is_killed_waits_no_more_and_a_threads_end_wakes_who_joins_it()
    {
        TaskStruct joiner = Sleeper();
        TaskStruct worker = rig.Fork(main, Thread);
        worker.ClearChildTid = Word;
        rig.Kernel.Woken.Clear();
        rig.Trap(worker, new SyscallRequest { Nr = SyscallNr.Exit });
        Assert.Contains(joiner, rig.Kernel.Woken);
        Assert.Equal(0, Resume(joiner).Value);
        Sleeper();
        rig.Exit(main);
        TaskStruct next = rig.Start();
        rig.Map(next, KernelRig.Arena, 2);
        Assert.Equal(0, Futex(next, Wake, 1));
    }

    public void Dispose() => rig.Dispose();

    private TaskStruct Sleeper(ulong operation = Wait, ulong bits = 0)
    {
        TaskStruct thread = rig.Fork(main, Thread);
        TrapOutcome outcome = rig.Trap(thread, new SyscallRequest
        {
            Nr = SyscallNr.Futex,
            A0 = Word,
            A1 = operation,
            A5 = bits,
        });
        Assert.Equal(TrapAction.Block, outcome.Action);
        rig.Kernel.Woken.Clear();
        return thread;
    }

    private long Futex(TaskStruct task, ulong operation, ulong value) =>
        rig.Call(task, SyscallNr.Futex, Word, operation, value).Value;

    private SyscallResult Resume(TaskStruct task)
    {
        rig.Trap(task, task.Batch!.Call);
        return task.Result;
    }
}
