using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I08 as far as a snapshot can: every frame that the allocator may hand out next is clean, with no
/// reference, mapping or flag. Does not verify the moment of allocation (the kernel asserts that) or the contents
/// (the oracle does, as I40).
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: check_new_page, free_page_is_bad, v6.18.</remarks>
internal sealed class FreshFrameChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I08"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            if (!SnapshotIndex.IsFree(places[i]))
                continue;
            ref FrameRecord frame = ref frames[i];
            if (frame.RefCount != 0 || frame.MapCount != 0 || frame.ExtraRefs != 0 || frame.Flags != FrameFlags.None)
            {
                sink.Report(
                    "I08", $"free frame 0x{frame.Pfn:x} has refcount {frame.RefCount}, mapcount {frame.MapCount}, "
                    + $"{frame.ExtraRefs} other references, flags 0x{(ushort)frame.Flags:x}");
            }
        }
    }
}
