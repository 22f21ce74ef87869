using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Syscalls.Files;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>futex: waiting on a word of memory, and waking who waits there.</summary>
/// <remarks>
/// Linux: kernel/futex/syscalls.c: do_futex; waitwake.c; requeue.c, v6.18. The word is compared where its contents are
/// known (contents: bytes); elsewhere it is taken to be what the caller expects. WAKE_OP, too, changes
/// the word there alone, and elsewhere takes its comparison to be true. Waits that a signal interrupts are EINTR.
/// </remarks>
internal sealed class FutexCalls
{
    private const int Private = 128;
    private const int ClockRealtime = 256;
    private readonly FutexServices services;
    private readonly FutexPiCalls locks;
    private readonly FutexRequeuePi requeues;

    /// <summary>Over one machine.</summary>
    public FutexCalls(FutexServices services)
    {
        this.services = services;
        locks = new FutexPiCalls(services);
        requeues = new FutexRequeuePi(services);
    }

    private enum Operation
    {
        Wait = 0,
        Wake = 1,
        Requeue = 3,
        CompareRequeue = 4,
        WakeOp = 5,
        LockPi = 6,
        UnlockPi = 7,
        TryLockPi = 8,
        WaitBitset = 9,
        WakeBitset = 10,
        WaitRequeuePi = 11,
        CompareRequeuePi = 12,
        LockPi2 = 13,
    }

    /// <summary>
    /// futex(word, operation, value, timeout or second value, second word, third value). EINVAL: an odd address, no
    /// bits, a bad time, waiters of another kind; EAGAIN: the word is not what was expected; ETIMEDOUT; EINTR; EFAULT;
    /// ENOSYS: another operation. Of locks: EDEADLK, EPERM, ESRCH.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var operation = (Operation)((int)call.Request.A1 & ~(Private | ClockRealtime));
        var deadline = new FutexDeadline();
        if (operation is Operation.Wait or Operation.WaitBitset or Operation.LockPi or Operation.LockPi2
            or Operation.WaitRequeuePi)
        {
            for (var read = deadline.Read(call, services.Structs, call.Request.A3, operation != Operation.Wait);
                read.MoveNext();)
                yield return read.Current;
            if (call.Result.IsError)
                yield break;
        }

        bool takesClock = operation is Operation.WaitBitset or Operation.WaitRequeuePi or Operation.LockPi2;
        if (!Enum.IsDefined(operation) || ((call.Request.A1 & ClockRealtime) != 0 && !takesClock))
        {
            call.Fail(Errno.ENOSYS);
            yield break;
        }

        for (var steps = Begin(call, operation, deadline); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> Begin(CallProgress call, Operation operation, FutexDeadline deadline)
    {
        bool isPrivate = (call.Request.A1 & Private) != 0;
        if (operation == Operation.UnlockPi)
            return locks.Unlock(call, isPrivate);
        uint bits = operation is Operation.WaitBitset or Operation.WakeBitset
            ? (uint)call.Request.A5 : FutexTable.AnyBits;
        bool isLock = operation is Operation.LockPi or Operation.LockPi2 or Operation.TryLockPi;
        Errno error = bits == 0 ? Errno.EINVAL : FutexAddress.Check(call.Mm, call.Request.A0, isPrivate, isLock);
        if (error != Errno.None)
            return FileServices.Fail(call, error);
        return operation switch
        {
            Operation.Wait or Operation.WaitBitset => Wait(call, call.Request.A2, isPrivate, bits, deadline),
            Operation.Wake or Operation.WakeBitset => FileServices.Done(call, services.Table.Wake(
                FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate), (int)call.Request.A2, bits)),
            Operation.WakeOp => WakeOp(call, isPrivate),
            Operation.WaitRequeuePi => requeues.Wait(call, isPrivate, deadline),
            Operation.CompareRequeuePi => requeues.Requeue(call, isPrivate),
            Operation.LockPi or Operation.LockPi2 => locks.Lock(call, isPrivate, deadline, onlyTries: false),
            Operation.TryLockPi => locks.Lock(call, isPrivate, deadline, onlyTries: true),
            _ => Requeue(call, isPrivate, operation == Operation.CompareRequeue),
        };
    }

    /// <summary>
    /// Waits at the word of argument 0 if it is as expected. EFAULT, EAGAIN, ETIMEDOUT, EINTR.
    /// </summary>
    internal IEnumerator<PageLookup> Wait(
        CallProgress call, ulong expected, bool isPrivate, uint bits, FutexDeadline deadline)
    {
        FutexKey key = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        for (var look = Compare(call, call.Request.A0, key, (uint)expected); look.MoveNext();)
            yield return look.Current;
        if (call.Result.IsError)
            yield break;
        var waiter = new FutexWaiter(call.Task, key, bits);
        for (var wait = services.Wait(call, waiter, deadline); wait.MoveNext();)
            yield return wait.Current;
        if (!waiter.IsWoken)
            call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.ETIMEDOUT);
    }

    /// <summary>Reads a word, which faults its page in. The call fails with EFAULT, or EAGAIN if it differs.</summary>
    internal IEnumerator<PageLookup> Compare(CallProgress call, ulong address, FutexKey key, uint expected)
    {
        call.Return(0);
        FutexWord word = services.Word(call, address, key);
        for (var read = word.Read(toWrite: false); read.MoveNext();)
            yield return read.Current;
        if (!call.Result.IsError && word.IsKnown && word.Value != expected)
            call.Fail(Errno.EAGAIN);
    }

    private IEnumerator<PageLookup> Requeue(CallProgress call, bool isPrivate, bool compares)
    {
        int wakes = (int)call.Request.A2, moves = (int)call.Request.A3;
        Errno error = wakes < 0 || moves < 0 ? Errno.EINVAL : FutexAddress.Check(call.Mm, call.Request.A4, isPrivate);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        FutexKey from = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        if (compares)
        {
            for (var look = Compare(call, call.Request.A0, from, (uint)call.Request.A5); look.MoveNext();)
                yield return look.Current;
            if (call.Result.IsError)
                yield break;
        }

        FutexKey to = FutexAddress.KeyOf(call.Mm, call.Request.A4, isPrivate);
        call.Result = services.Table.Requeue(from, to, wakes, moves);
    }

    // Changes the second word, wakes who waits for the first, and if the second was what it was compared with, who
    // waits for that. Linux: kernel/futex/waitwake.c: futex_wake_op, v6.18.
    private IEnumerator<PageLookup> WakeOp(CallProgress call, bool isPrivate)
    {
        var change = new FutexChange((uint)call.Request.A5);
        Errno error = !change.IsKnown
            ? Errno.ENOSYS : FutexAddress.Check(call.Mm, call.Request.A4, isPrivate, writes: true);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        call.Return(0);
        FutexWord word = services.Word(call, call.Request.A4, FutexAddress.KeyOf(call.Mm, call.Request.A4, isPrivate));
        for (var read = word.Read(); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        bool isTrue = !word.IsKnown || change.Compare(word.Value);
        if (word.IsKnown)
        {
            for (var write = word.Write(change.Apply(word.Value)); write.MoveNext();)
                yield return write.Current;
            if (call.Result.IsError)
                yield break;
        }

        FutexKey first = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        FutexKey second = FutexAddress.KeyOf(call.Mm, call.Request.A4, isPrivate);
        SyscallResult woken = services.Table.Wake(first, (int)call.Request.A2);
        if (isTrue && !woken.IsError)
        {
            SyscallResult more = services.Table.Wake(second, (int)call.Request.A3);
            woken = more.IsError ? more : new SyscallResult(woken.Value + more.Value);
        }

        call.Result = woken;
    }
}
