namespace LinuxMem.Simulation.Settings;

/// <summary>A memory cgroup: processes whose memory is counted, limited and protected together.</summary>
/// <remarks>Linux: Documentation/admin-guide/cgroup-v2.rst, Memory Interface Files, v6.18.</remarks>
/// <param name="Path">Its path below /sys/fs/cgroup, such as "web" or "web/db"; its parent comes before it.</param>
public sealed record CgroupSettings(string Path)
{
    /// <summary>Stands for no limit.</summary>
    public const ulong Max = ulong.MaxValue;

    /// <summary>Bytes that are never taken from it (memory.min).</summary>
    public ulong MinBytes { get; init; }

    /// <summary>Bytes that are taken from it only if there is nothing else (memory.low).</summary>
    public ulong LowBytes { get; init; }

    /// <summary>Bytes above which it is slowed down (memory.high).</summary>
    public ulong HighBytes { get; init; } = Max;

    /// <summary>The most bytes it may have (memory.max).</summary>
    public ulong MaxBytes { get; init; } = Max;

    /// <summary>The most bytes it may have in swap (memory.swap.max).</summary>
    public ulong SwapMaxBytes { get; init; } = Max;

    /// <summary>Whether the OOM killer takes all of it, or nothing (memory.oom.group).</summary>
    public bool OomGroup { get; init; }
}
