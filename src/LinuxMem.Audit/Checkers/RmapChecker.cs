using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I12: going from a frame to who maps it finds as many page-table entries as map it. Entries of the zero page
/// do not count, and nobody goes that way from other frames than those of processes, files and shared memory.
/// </summary>
/// <remarks>Linux: mm/rmap.c: rmap_walk, v6.18.</remarks>
internal sealed class RmapChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I12"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<ulong> uses = index.Uses.PteUse;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            if (frames[i].Place is not (FramePlace.Anon or FramePlace.File or FramePlace.Shmem))
                continue;
            int ptes = FrameUses.Mappings(uses[i]);
            if (frames[i].RmapCount != ptes)
            {
                sink.Report("I12", $"frame 0x{frames[i].Pfn:x} ({frames[i].Place}): reverse mapping finds "
                    + $"{frames[i].RmapCount} page-table entries, and {ptes} map it");
            }
        }
    }
}
