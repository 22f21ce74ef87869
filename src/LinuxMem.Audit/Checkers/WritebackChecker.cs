using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I29: as many pages of files are flagged dirty, and as many pages are in writeback, as the kernel counts,
/// and an I/O is under way for each of these; a file that lies on a disk has marked exactly its dirty pages, and of its
/// clean ones none can be written without a fault that tells of it.
/// </summary>
/// <remarks>Linux: mm/page-writeback.c: folio_account_dirtied, folio_account_cleaned, v6.18.</remarks>
internal sealed class WritebackChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I29"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        long dirty = 0;
        long writeback = 0;
        foreach (ref FrameRecord frame in snapshot.Frames.Items)
        {
            dirty += IsDirty(in frame) ? 1 : 0;
            writeback += (frame.Flags & FrameFlags.Writeback) != 0 ? 1 : 0;
            if (!IsWrittenBySomebody(in frame))
                sink.Report("I29", $"frame 0x{frame.Pfn:x} is in writeback, and no I/O is under way for it");
        }

        if (dirty != snapshot.Counters.FileDirty)
            sink.Report("I29", $"{dirty} pages of files are dirty, {snapshot.Counters.FileDirty} are counted");
        if (writeback != snapshot.Counters.Writeback)
            sink.Report("I29", $"{writeback} pages are being written, {snapshot.Counters.Writeback} are counted");
        foreach (ref CachePageRecord page in snapshot.CachePages.Items)
        {
            int at = page.HasMarks ? index.Frames.Find(page.Pfn) : -1;
            if (at < 0)
                continue;
            int writable = FrameUses.WritableMappings(index.Uses.PteUse[at]);
            if (MissesStores(in snapshot.Frames[at], writable))
            {
                sink.Report("I29", $"page {page.Index} of object {page.MappingId} (frame 0x{page.Pfn:x}) is clean, and "
                    + $"{writable} entries allow stores to it");
            }

            if (page.IsMarkedDirty != IsDirty(in snapshot.Frames[at]))
            {
                sink.Report("I29", $"page {page.Index} of object {page.MappingId} (frame 0x{page.Pfn:x}) is marked "
                    + $"dirty: {page.IsMarkedDirty}; its frame has {snapshot.Frames[at].Flags}");
            }
        }
    }

    /// <summary>Whether an I/O is under way for a frame in writeback.</summary>
    internal static bool IsWrittenBySomebody(in FrameRecord frame) =>
        (frame.Flags & FrameFlags.Writeback) == 0 || frame.HasIo;

    /// <summary>
    /// Whether a page of a file could be stored to without a fault, and is clean: if the file is on a disk, nobody
    /// would write it there.
    /// </summary>
    internal static bool MissesStores(in FrameRecord frame, int writable) =>
        writable > 0 && frame.Place == FramePlace.File && (frame.Flags & FrameFlags.Dirty) == 0;

    /// <summary>Whether a frame counts as a dirty page of a file.</summary>
    internal static bool IsDirty(in FrameRecord frame) =>
        frame.Place == FramePlace.File && (frame.Flags & FrameFlags.Dirty) != 0;
}
