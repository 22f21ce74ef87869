using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I09: a frame that had a memory error is out of use, or on its way there, and as many count as poisoned as
/// are. Does not verify that poisoned frames are found nowhere (I01).
/// </summary>
/// <remarks>Linux: mm/memory-failure.c: num_poisoned_pages; mm/page_alloc.c: free_pages_prepare, v6.18.</remarks>
internal sealed class HwPoisonChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I09"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        long poisoned = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            poisoned += places[i] == FramePlace.Poisoned ? 1 : 0;
            if (!IsFine(places[i], frames[i].Flags))
                sink.Report("I09", $"frame 0x{frames[i].Pfn:x} had a memory error and is {places[i]}");
        }

        StruckFrameChecker.CheckFree(index.Snapshot, sink);
        if (poisoned != index.Snapshot.Engine.PoisonedFrames)
        {
            sink.Report(
                "I09", $"{poisoned} frames are poisoned, {index.Snapshot.Engine.PoisonedFrames} count as such");
        }
    }

    /// <summary>Whether a frame of that place may have those flags. Free frames are I08's.</summary>
    internal static bool IsFine(FramePlace place, FrameFlags flags)
    {
        bool isPoisoned = (flags & FrameFlags.HwPoison) != 0;
        return !isPoisoned || place is FramePlace.Poisoned or FramePlace.Isolated || SnapshotIndex.IsFree(place);
    }
}
