using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I35 at rest: no page lies behind the end of its object, or of a folio across that end that could not be
/// split. While a file is cut, its pages go one after the
/// other.
/// </summary>
/// <remarks>Linux: mm/filemap.c: filemap_unaccount_folio, "still mapped when deleted"; filemap_fault, v6.18.</remarks>
internal sealed class FileEndChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I35"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        if (!snapshot.Engine.Quiescent)
            return;
        foreach (ref ObjectRecord mapped in snapshot.Objects.Items)
        {
            foreach (ref CachePageRecord page in snapshot.CachePages.Items)
            {
                if (page.MappingId == mapped.MappingId && page.Index >= mapped.EndIndex)
                {
                    sink.Report("I35", $"object {page.MappingId} has page {page.Index}, behind its end at "
                        + $"{mapped.EndIndex}");
                }
            }
        }
    }
}
