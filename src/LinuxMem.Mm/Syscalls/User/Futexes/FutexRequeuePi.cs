using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI: from a condition to the lock that goes with it.</summary>
/// <remarks>
/// Linux: kernel/futex/requeue.c: futex_wait_requeue_pi, futex_requeue, futex_proxy_trylock_atomic, v6.18.
/// </remarks>
/// <param name="services">What futex calls have in common.</param>
internal sealed class FutexRequeuePi(FutexServices services)
{
    /// <summary>
    /// Waits at the first word until moved to the lock of the second, and for that. EINVAL: the same word, an odd
    /// address; EAGAIN: the first word differs, or a signal came when it waited for the lock; ETIMEDOUT; EINTR; EFAULT.
    /// </summary>
    public IEnumerator<PageLookup> Wait(CallProgress call, bool isPrivate, FutexDeadline deadline)
    {
        call.Return(0);
        FutexKey key = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        FutexKey target = FutexAddress.KeyOf(call.Mm, call.Request.A4, isPrivate);
        Errno error = call.Request.A0 == call.Request.A4
            ? Errno.EINVAL : FutexAddress.Check(call.Mm, call.Request.A4, isPrivate, writes: true);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        FutexWord condition = services.Word(call, call.Request.A0, key);
        for (var read = condition.Read(toWrite: false); read.MoveNext();)
            yield return read.Current;
        if (!call.Result.IsError && condition.IsKnown && condition.Value != (uint)call.Request.A2)
            call.Fail(Errno.EAGAIN);
        else if (!call.Result.IsError && key == target)
            call.Fail(Errno.EINVAL);
        if (call.Result.IsError)
            yield break;
        var waiter = new FutexWaiter(call.Task, key, FutexTable.AnyBits)
        {
            Kind = FutexKind.RequeuePi,
            RequeueKey = target,
        };
        for (var wait = services.Wait(call, waiter, deadline); wait.MoveNext();)
            yield return wait.Current;
        FutexWord word = services.Word(call, call.Request.A4, target);
        for (var end = FutexPiCalls.Finish(call, waiter, word); end.MoveNext();)
            yield return end.Current;
        if (!waiter.IsWoken && call.IsInterrupted && waiter.Kind == FutexKind.Pi)
            call.Fail(Errno.EAGAIN);
    }

    /// <summary>
    /// Gives the lock of the second word to who has waited longest at the first, if it is free, and lets others wait
    /// for it. How many. EINVAL: another number to wake than 1, the same word, others wait there, too; EAGAIN: the
    /// first word differs; EFAULT; and the errors of <see cref="PiLock.Ask"/>.
    /// </summary>
    public IEnumerator<PageLookup> Requeue(CallProgress call, bool isPrivate)
    {
        call.Return(0);
        int wakes = (int)call.Request.A2, moves = (int)call.Request.A3;
        FutexKey key = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        FutexKey target = FutexAddress.KeyOf(call.Mm, call.Request.A4, isPrivate);
        Errno error = moves < 0 || call.Request.A0 == call.Request.A4 || wakes != 1
            ? Errno.EINVAL : FutexAddress.Check(call.Mm, call.Request.A4, isPrivate, writes: true);
        if (error == Errno.None && key == target)
            error = Errno.EINVAL;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        FutexWord condition = services.Word(call, call.Request.A0, key);
        for (var read = condition.Read(toWrite: false); read.MoveNext();)
            yield return read.Current;
        if (!call.Result.IsError && condition.IsKnown && condition.Value != (uint)call.Request.A5)
            call.Fail(Errno.EAGAIN);
        if (call.Result.IsError || services.Table.Top(key) is not { } top)
            yield break;
        if (top.Kind != FutexKind.RequeuePi || top.RequeueKey != target)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        FutexWord word = services.Word(call, call.Request.A4, target);
        for (var read = word.Read(); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        PiAnswer answer = PiLock.Ask(services, word.Value, target, top.Task, setsWaiters: moves > 0);
        if (answer.Word != word.Value)
        {
            for (var write = word.Write(answer.Word); write.MoveNext();)
                yield return write.Current;
        }

        Move(call, key, top, answer, moves);
    }

    private void Move(CallProgress call, FutexKey key, FutexWaiter top, PiAnswer answer, int moves)
    {
        if (answer.Error != Errno.None)
            call.Fail(answer.Error);
        if (!call.Result.IsError && answer.IsTaken)
            services.Table.Grant(top);
        int count = answer.IsTaken ? 1 : 0;
        if (!call.Result.IsError)
            call.Result = answer.Lock is { } pi
                ? services.Table.RequeueToLock(key, pi, moves, count) : new SyscallResult(count);
        if (answer.Lock is { } made)
            services.Table.Forget(made);
    }
}
