using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI.</summary>
/// <remarks>
/// Linux: kernel/futex/pi.c: futex_lock_pi, futex_unlock_pi, v6.18. Who waits gets the lock in the order of coming;
/// nobody's priority changes, as there are none.
/// </remarks>
/// <param name="services">What futex calls have in common.</param>
internal sealed class FutexPiCalls(FutexServices services)
{
    /// <summary>
    /// Takes a lock, or waits for it. EFAULT; EDEADLK: the caller has it; EAGAIN: only tried, and another has it;
    /// ESRCH: its owner is gone; EINVAL: the word and the kernel disagree; ETIMEDOUT; EINTR.
    /// </summary>
    public IEnumerator<PageLookup> Lock(CallProgress call, bool isPrivate, FutexDeadline deadline, bool onlyTries)
    {
        call.Return(0);
        FutexKey key = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        FutexWord word = services.Word(call, call.Request.A0, key);
        for (var read = word.Read(); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        PiAnswer answer = PiLock.Ask(services, word.Value, key, call.Task, setsWaiters: false);
        if (answer.Word != word.Value)
        {
            for (var write = word.Write(answer.Word); write.MoveNext();)
                yield return write.Current;
        }

        if (answer.Error != Errno.None)
            call.Fail(answer.Error);
        if (onlyTries && !answer.IsTaken && !call.Result.IsError)
            call.Fail(Errno.EAGAIN);
        if (call.Result.IsError || answer.IsTaken)
        {
            if (answer.Lock is { } unused)
                services.Table.Forget(unused);
            yield break;
        }

        var waiter = new FutexWaiter(call.Task, key, FutexTable.AnyBits) { Kind = FutexKind.Pi, Lock = answer.Lock };
        for (var wait = services.Wait(call, waiter, deadline); wait.MoveNext();)
            yield return wait.Current;
        for (var end = Finish(call, waiter, word); end.MoveNext();)
            yield return end.Current;
    }

    /// <summary>
    /// Lets a lock go: to who has waited longest, if anybody does. EFAULT; EPERM: it is not the caller's; EINVAL: who
    /// waits there does not wait for it.
    /// </summary>
    public IEnumerator<PageLookup> Unlock(CallProgress call, bool isPrivate)
    {
        call.Return(0);
        FutexKey key = FutexAddress.KeyOf(call.Mm, call.Request.A0, isPrivate);
        FutexWord word = services.Word(call, call.Request.A0, key);
        for (var read = word.Read(toWrite: false); read.MoveNext();)
            yield return read.Current;
        uint owner = word.Value & PiLock.TidMask;
        // A word that is not kept was taken in user mode, by who else.
        bool isOwn = owner == (uint)call.Task.Tid || (!word.IsKnown && owner == 0);
        if (!call.Result.IsError && !isOwn)
            call.Fail(Errno.EPERM);
        Errno error = FutexAddress.Check(call.Mm, call.Request.A0, isPrivate, writes: true);
        FutexWaiter? top = services.Table.Top(key);
        if (error == Errno.None && top is not null && top.Lock?.Owner != call.Task)
            error = Errno.EINVAL;
        if (!call.Result.IsError && error != Errno.None)
            call.Fail(error);
        if (call.Result.IsError)
            yield break;
        uint next = top is null ? 0 : PiLock.Waiters | (uint)top.Task.Tid;
        for (var write = word.Write(next); write.MoveNext();)
            yield return write.Current;
        if (!call.Result.IsError && top?.Lock is { } pi)
            services.Table.HandOver(pi);
    }

    /// <summary>
    /// What comes of a wait for a lock: nothing if the caller has it. The word of an owner that has ended is made the
    /// caller's.
    /// </summary>
    /// <remarks>Linux: kernel/futex/pi.c: fixup_pi_owner, v6.18.</remarks>
    internal static IEnumerator<PageLookup> Finish(CallProgress call, FutexWaiter waiter, FutexWord word)
    {
        if (!waiter.IsWoken)
        {
            call.Fail(call.IsInterrupted ? Errno.EINTR : Errno.ETIMEDOUT);
            yield break;
        }

        if (!waiter.IsFromDead)
            yield break;
        for (var read = word.Read(); read.MoveNext();)
            yield return read.Current;
        if (call.Result.IsError)
            yield break;
        for (var write = word.Write(PiLock.Waiters | PiLock.OwnerDied | (uint)call.Task.Tid); write.MoveNext();)
            yield return write.Current;
    }
}
