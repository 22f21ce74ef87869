namespace LinuxMem.Simulation.Results;

/// <summary>What came of a memory cgroup, those below it included.</summary>
public sealed record GroupResult
{
    /// <summary>Its path.</summary>
    public required string Path { get; init; }

    /// <summary>Processes that ever belonged to it.</summary>
    public required int Processes { get; init; }

    /// <summary>What it has at the end, in KiB (memory.current).</summary>
    public required long CurrentKiB { get; init; }

    /// <summary>The most that it had, in KiB (memory.peak).</summary>
    public required long PeakKiB { get; init; }

    /// <summary>The most that it had in swap, in KiB (memory.swap.peak).</summary>
    public required long SwapPeakKiB { get; init; }

    /// <summary>Faults of its processes that needed I/O.</summary>
    public required long MajFlt { get; init; }

    /// <summary>memory.events: low, high, max, oom, oom_kill, oom_group_kill.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> Events { get; init; }

    /// <summary>For how long some of its tasks waited for memory.</summary>
    public required long MemorySomeNs { get; init; }

    /// <summary>For how long some did, and none could run.</summary>
    public required long MemoryFullNs { get; init; }
}
