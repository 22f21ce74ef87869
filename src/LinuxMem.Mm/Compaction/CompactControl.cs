namespace LinuxMem.Mm.Compaction;

/// <summary>What compaction is asked for.</summary>
/// <remarks>Linux: mm/internal.h: struct compact_control, v6.18.</remarks>
/// <param name="Order">The block that is wanted; -1 for as much as can be (compact_memory).</param>
/// <param name="IsDaemon">Whether kcompactd works, rather than a task that needs the block.</param>
public sealed record CompactControl(int Order, bool IsDaemon);

/// <summary>What came of it.</summary>
/// <remarks>Linux: include/linux/compaction.h: enum compact_result, v6.18.</remarks>
public enum CompactResult
{
    /// <summary>The scanners have met, and there is no such block.</summary>
    Complete,

    /// <summary>There is more to do at the next step.</summary>
    Continue,

    /// <summary>There is a block.</summary>
    Success,
}
