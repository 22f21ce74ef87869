namespace LinuxMem.Simulation.Locks;

/// <summary>Who has a lock: a task, and what it entered the kernel for.</summary>
/// <param name="Tid">The task; 0 for nobody, or the kernel itself.</param>
/// <param name="Call">See <see cref="LockCall"/>.</param>
public readonly record struct LockHolder(int Tid, short Call);

/// <summary>What a task entered the kernel for, as one number.</summary>
public static class LockCall
{
    /// <summary>A page fault. Others are a system call's number.</summary>
    public const short Fault = -1;

    /// <summary>Being put on a CPU.</summary>
    public const short Switch = -2;

    /// <summary>Reclaim: kswapd, or for a task that finds no memory.</summary>
    public const short Reclaim = -3;

    /// <summary>Writing dirty pages.</summary>
    public const short Writeback = -4;

    /// <summary>Compaction.</summary>
    public const short Compaction = -5;

    /// <summary>ksmd.</summary>
    public const short Ksm = -6;

    /// <summary>Freeing what TLBs have forgotten.</summary>
    public const short Free = -7;
}
