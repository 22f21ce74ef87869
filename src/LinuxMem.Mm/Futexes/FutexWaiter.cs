using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Futexes;

/// <summary>What a futex is known by: a word of an address space, or of a shared object.</summary>
/// <remarks>Linux: include/linux/futex.h: union futex_key; kernel/futex/core.c: get_futex_key, v6.18.</remarks>
/// <param name="IsShared">Whether it is a word of an object that several address spaces map.</param>
/// <param name="Owner">Number of the object or the address space.</param>
/// <param name="Where">
/// Offset in the object, or address, with <see cref="MmShared"/> for who did not say that it is private.
/// </param>
public readonly record struct FutexKey(bool IsShared, int Owner, ulong Where)
{
    /// <summary>
    /// FUT_OFF_MMSHARED: private memory, asked for without FUTEX_PRIVATE_FLAG. Who waits with the flag and who wakes
    /// without do not meet.
    /// </summary>
    public const ulong MmShared = 2;
}

/// <summary>What a task waits for at a futex.</summary>
public enum FutexKind : byte
{
    /// <summary>For a wake.</summary>
    Plain,

    /// <summary>For a lock with priority inheritance, which its owner hands over.</summary>
    Pi,

    /// <summary>FUTEX_WAIT_REQUEUE_PI: to be moved to such a lock.</summary>
    RequeuePi,
}

/// <summary>A task that waits for a futex.</summary>
/// <param name="task">Who.</param>
/// <param name="key">Where.</param>
/// <param name="bits">Which wakes it hears (FUTEX_WAIT_BITSET).</param>
public sealed class FutexWaiter(TaskStruct task, FutexKey key, uint bits)
{
    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; } = task;

    /// <summary>Where; another after a requeue.</summary>
    public FutexKey Key { get; internal set; } = key;

    /// <summary>Which wakes it hears.</summary>
    public uint Bits { get; } = bits;

    /// <summary>What for; a requeue makes <see cref="FutexKind.Pi"/> of <see cref="FutexKind.RequeuePi"/>.</summary>
    public FutexKind Kind { get; internal set; }

    /// <summary>Whether a wake has reached it, or it has the lock.</summary>
    public bool IsWoken { get; internal set; }

    /// <summary>The lock that it waits for, once that is known.</summary>
    public PiState? Lock { get; internal set; }

    /// <summary>Where FUTEX_CMP_REQUEUE_PI may move it.</summary>
    public FutexKey RequeueKey { get; init; }

    /// <summary>Whether it has its lock from an owner that has ended: the word does not tell yet.</summary>
    public bool IsFromDead { get; internal set; }

    /// <summary>The other futexes that it waits for, too (futex_waitv); null if it is one alone.</summary>
    public FutexVector? Vector { get; init; }
}

/// <summary>Several futexes for which one task waits: a wake of any of them is enough.</summary>
/// <remarks>Linux: kernel/futex/waitwake.c: futex_wait_multiple, v6.18.</remarks>
public sealed class FutexVector
{
    /// <summary>Whether one has been woken.</summary>
    public bool IsWoken { get; internal set; }
}

/// <summary>A lock with priority inheritance for which somebody waits.</summary>
/// <remarks>
/// Linux: kernel/futex/futex.h: struct futex_pi_state, v6.18. There are no priorities here, so that none is inherited.
/// </remarks>
/// <param name="key">The futex.</param>
/// <param name="owner">Who has it.</param>
public sealed class PiState(FutexKey key, TaskStruct owner)
{
    /// <summary>The futex.</summary>
    public FutexKey Key { get; } = key;

    /// <summary>Who has it.</summary>
    public TaskStruct Owner { get; internal set; } = owner;
}
