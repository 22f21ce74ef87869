namespace LinuxMem.Arch.Tlbs;

/// <summary>What MMUs count for one task; it travels with the task from CPU to CPU.</summary>
public sealed class TaskAccesses
{
    /// <summary>Accesses carried out.</summary>
    public long Accesses;

    /// <summary>Stores carried out while memory has contents; the ordinal of the last one. Stays 0 without
    /// contents.</summary>
    public ulong StoreOrdinal;

    /// <summary>The counts of a new task.</summary>
    /// <param name="taskId">The kernel's number for the task.</param>
    /// <param name="valueSeed">What the values of its stores are made from.</param>
    public TaskAccesses(int taskId, ulong valueSeed)
    {
        TaskId = taskId;
        ValueSeed = valueSeed;
    }

    /// <summary>The kernel's number for the task.</summary>
    public int TaskId { get; }

    /// <summary>What the values of the task's stores are made from.</summary>
    public ulong ValueSeed { get; }

    /// <summary>The value that a task's store number <paramref name="ordinal"/> (from 1) writes: different for every
    /// store.</summary>
    public static ulong StoreValue(ulong valueSeed, ulong ordinal)
    {
        // The finaliser of SplitMix64: a bijection, so that one task's values never repeat.
        ulong z = valueSeed + ordinal * 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
