using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I36: a page of a file that is clean and uptodate holds what the disk does, up to the end of the file; and
/// I39: the page of zeros holds zeros, as nobody ever writes to it. That nothing writes to pages of files behind their
/// back follows from I36 and I23.
/// </summary>
internal sealed class FileContentChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I36", "I39"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        foreach (ref CachePageRecord page in index.Snapshot.CachePages.Items)
        {
            if (page.IsClean && !page.HoldsTheSame)
            {
                sink.Report("I36", $"page {page.Index} of object {page.MappingId} is clean and does not "
                    + $"hold in frame 0x{page.Pfn:x} what the disk does");
            }
        }

        if (!index.Snapshot.ZeroPageIsZero)
            sink.Report("I39", $"the page of zeros holds something at {index.Snapshot.Engine.VirtualNs} ns");
    }
}
