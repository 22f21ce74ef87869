using LinuxMem.Abi;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>What comes of a task that wants a lock: decided by the word and by who waits.</summary>
/// <param name="Error">Why it cannot have it: EDEADLK, EINVAL, EPERM, ESRCH; None if it has it or may wait.</param>
/// <param name="Word">The word afterwards, also if it is an error.</param>
/// <param name="IsTaken">Whether it has it.</param>
/// <param name="Lock">What it may wait for, or others if it has it and they are to come.</param>
internal readonly record struct PiAnswer(Errno Error, uint Word, bool IsTaken = false, PiState? Lock = null);

/// <summary>Decides who has a lock with priority inheritance.</summary>
/// <remarks>
/// Linux: kernel/futex/pi.c: futex_lock_pi_atomic, attach_to_pi_state, attach_to_pi_owner, v6.18; checked by calls on
/// that kernel.
/// </remarks>
internal static class PiLock
{
    /// <summary>FUTEX_WAITERS.</summary>
    public const uint Waiters = 0x8000_0000;

    /// <summary>FUTEX_OWNER_DIED.</summary>
    public const uint OwnerDied = 0x4000_0000;

    /// <summary>FUTEX_TID_MASK.</summary>
    public const uint TidMask = 0x3fff_ffff;

    /// <summary>A task wants the lock.</summary>
    /// <param name="services">Who waits, and who there is.</param>
    /// <param name="word">The word.</param>
    /// <param name="key">The futex.</param>
    /// <param name="task">Who wants it.</param>
    /// <param name="setsWaiters">Whether others come after it: the word is to say so.</param>
    public static PiAnswer Ask(FutexServices services, uint word, FutexKey key, TaskStruct task, bool setsWaiters)
    {
        uint owner = word & TidMask;
        if (owner == (uint)task.Tid)
            return new PiAnswer(Errno.EDEADLK, word);
        if (services.Table.Top(key) is { } top)
            return Attach(word, owner, top);
        if (owner == 0)
        {
            uint taken = (word & OwnerDied) | (uint)task.Tid | (setsWaiters ? Waiters : 0);
            return new PiAnswer(Errno.None, taken, true, setsWaiters ? services.Table.NewLock(key, task) : null);
        }

        // The word says that somebody waits even if it then turns out that nobody can.
        word |= Waiters;
        if (owner == KernelThreads.Init)
            return new PiAnswer(Errno.None, word);
        TaskStruct? holder = services.Tasks.Find((int)owner);
        return holder is null
            ? new PiAnswer(Errno.ESRCH, word)
            : new PiAnswer(Errno.None, word, Lock: services.Table.NewLock(key, holder));
    }

    private static PiAnswer Attach(uint word, uint owner, FutexWaiter top)
    {
        if (top.Lock is not { } pi)
            return new PiAnswer(Errno.EINVAL, word);
        bool isOrphan = (word & OwnerDied) != 0 && owner == 0;
        return !isOrphan && owner != (uint)pi.Owner.Tid
            ? new PiAnswer(Errno.EINVAL, word) : new PiAnswer(Errno.None, word, Lock: pi);
    }
}
