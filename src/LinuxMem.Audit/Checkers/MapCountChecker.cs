using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I11: the mapcount of every frame in use equals the page-table entries that map it, over all address
/// spaces. Entries of the zero page do not count. Does not verify that rmap would find those entries (I12), nor free
/// frames (I08).
/// </summary>
/// <remarks>Linux: mm/rmap.c: __folio_add_rmap; mm/memory.c: print_bad_pte, v6.18.</remarks>
internal sealed class MapCountChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I11"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<ulong> uses = index.Uses.PteUse;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            int ptes = FrameUses.Mappings(uses[i]);
            if (frames[i].MapCount != ptes && !SnapshotIndex.IsFree(places[i]))
            {
                sink.Report("I11", $"frame 0x{frames[i].Pfn:x} ({places[i]}) has mapcount {frames[i].MapCount}, "
                    + $"but {ptes} page-table entries map it");
            }
        }
    }
}
