using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Futexes;

/// <content>Locks with priority inheritance: who has them, and who gets them next.</content>
/// <remarks>Linux: kernel/futex/pi.c, requeue.c, v6.18.</remarks>
public sealed partial class FutexTable
{
    private readonly List<PiState> locks = [];

    /// <summary>Locks for which somebody waits.</summary>
    public int LockCount => locks.Count;

    /// <summary>Who has waited longest for a futex; null if nobody does.</summary>
    public FutexWaiter? Top(FutexKey key) =>
        waiting.TryGetValue(key, out List<FutexWaiter>? list) ? list.Find(Waits) : null;

    /// <summary>A lock for which somebody will wait; <see cref="Forget"/> ends it when nobody does.</summary>
    public PiState NewLock(FutexKey key, TaskStruct owner)
    {
        var pi = new PiState(key, owner);
        locks.Add(pi);
        return pi;
    }

    /// <summary>Forgets a lock unless somebody waits for it.</summary>
    public void Forget(PiState pi)
    {
        if (Next(pi) is null)
            locks.Remove(pi);
    }

    /// <summary>
    /// The owner gives a lock to who has waited longest, who goes on with it. Null if nobody waits.
    /// </summary>
    /// <param name="pi">The lock.</param>
    /// <param name="isFromDead">Whether the owner has ended.</param>
    public TaskStruct? HandOver(PiState pi, bool isFromDead = false)
    {
        FutexWaiter? next = Next(pi);
        if (next is not null)
        {
            pi.Owner = next.Task;
            next.IsFromDead = isFromDead;
            Grant(next);
        }

        return next?.Task;
    }

    /// <summary>A waiter has its lock, and goes on.</summary>
    public void Grant(FutexWaiter waiter)
    {
        Remove(waiter);
        WakeUp(waiter);
    }

    /// <summary>A task ends: its locks go to those who wait for them.</summary>
    /// <remarks>Linux: kernel/futex/core.c: exit_pi_state_list, v6.18.</remarks>
    public void Bequeath(TaskStruct owner)
    {
        foreach (PiState pi in locks.FindAll(pi => pi.Owner == owner))
            HandOver(pi, isFromDead: true);
    }

    /// <summary>
    /// Moves those who wait in FUTEX_WAIT_REQUEUE_PI to a lock: how many, those before included. EINVAL: others wait
    /// there, too, or for another lock.
    /// </summary>
    /// <param name="from">Where they wait.</param>
    /// <param name="pi">The lock.</param>
    /// <param name="moves">How many at most, beside one that has the lock or waits for it.</param>
    /// <param name="count">How many there are already.</param>
    public SyscallResult RequeueToLock(FutexKey from, PiState pi, long moves, int count)
    {
        while (count - 1 < moves && Top(from) is { } waiter)
        {
            if (waiter.Kind != FutexKind.RequeuePi || waiter.RequeueKey != pi.Key)
                return SyscallResult.Fail(Errno.EINVAL);
            Remove(waiter);
            waiter.Key = pi.Key;
            waiter.Kind = FutexKind.Pi;
            waiter.Lock = pi;
            Add(waiter);
            count++;
        }

        return new SyscallResult(count);
    }

    private FutexWaiter? Next(PiState pi) => waiting.TryGetValue(pi.Key, out List<FutexWaiter>? list)
        ? list.Find(waiter => waiter.Lock == pi && Waits(waiter)) : null;
}
