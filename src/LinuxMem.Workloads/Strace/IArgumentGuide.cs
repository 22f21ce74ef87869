using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>
/// Knows of one task what its log does not show: strace prints what a pointer points at in place of the pointer, and
/// nothing of what the program does between its calls.
/// </summary>
/// <remarks>
/// A guide is a model of the very program that was recorded. It hears of every event of its task, in order, also of
/// those it has nothing to say about.
/// </remarks>
internal interface IArgumentGuide
{
    /// <summary>
    /// Says what it knows of the task's next event, before that is carried out. The event's result is what the log
    /// shows.
    /// </summary>
    /// <param name="next">The event.</param>
    /// <param name="hints">Empty; to be filled.</param>
    /// <returns>False at the first event that is not the program's: from here on the guide is not asked.</returns>
    bool TryGuide(StraceEvent next, GuideHints hints);

    /// <summary>The guide of the child that the event makes, which <see cref="TryGuide"/> has just seen.</summary>
    IArgumentGuide? Fork(StraceEvent fork);
}

/// <summary>Makes guides: asked at every execve.</summary>
internal interface IGuideSource
{
    /// <summary>A guide of the program that is executed; null if this is none that the source knows.</summary>
    IArgumentGuide? TryCreate(StraceEvent exec);
}

/// <summary>What a guide says of an event.</summary>
internal sealed class GuideHints
{
    /// <summary>The buffer of read, write and their kin, of getrusage and others that fill a structure.</summary>
    internal ulong? Buffer { get; set; }

    /// <summary>The vector of mincore.</summary>
    internal ulong? Vector { get; set; }

    /// <summary>
    /// The fifth argument of mremap, which strace shows only with MREMAP_FIXED; a hint to the kernel with
    /// MREMAP_DONTUNMAP.
    /// </summary>
    internal ulong? NewAddress { get; set; }

    /// <summary>What strace itself read of the program's memory before the call began.</summary>
    internal List<(ulong Address, ulong Bytes)> TracerReads { get; } = [];

    /// <summary>What the program itself touches before the call, in order.</summary>
    internal List<(AccessKind Kind, ulong Address, int Bytes)> Touches { get; } = [];

    /// <summary>With false of TryGuide: why the guide stops.</summary>
    internal string? StopReason { get; set; }

    internal void Clear()
    {
        Buffer = null;
        Vector = null;
        NewAddress = null;
        TracerReads.Clear();
        Touches.Clear();
        StopReason = null;
    }
}
