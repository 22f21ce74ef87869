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
}
