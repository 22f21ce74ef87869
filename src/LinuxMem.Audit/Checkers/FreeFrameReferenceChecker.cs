using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I03: nothing refers to a free frame: no page-table entry, page table, page of the cache, mmu gather, pipe.
/// Does not verify TLBs, which I17 is for, nor the frame's own counts, which are I08's.
/// </summary>
/// <remarks>Linux: mm/page_table_check.c: __page_table_check_zero, v6.18.</remarks>
internal sealed class FreeFrameReferenceChecker : IChecker
{
    /// <summary>The claims that refer to a frame in use.</summary>
    internal const FrameClaims References = FrameClaims.Mapped | FrameClaims.ZeroMapped | FrameClaims.Table
        | FrameClaims.Cache | FrameClaims.Parked | FrameClaims.Lent;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I03"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<FrameClaims> claims = index.Uses.Claims;
        int count = index.Snapshot.Frames.Count;
        bool found = (index.Uses.Missing & References) != 0;
        for (int i = 0; i < count && !found; i++)
            found = SnapshotIndex.IsFree(places[i]) && (claims[i] & References) != 0;
        if (found)
            Report(index, sink);
    }

    private static void Report(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        foreach (ref PteRecord pte in snapshot.Ptes.Items)
        {
            if (SnapshotIndex.IsFree(index.PlaceOf(pte.Pfn)))
                sink.Report("I03", $"frame 0x{pte.Pfn:x} is free; mm {pte.MmId} maps it at va 0x{pte.Va:x}");
        }

        foreach (ref TableRecord table in snapshot.Tables.Items)
        {
            if (SnapshotIndex.IsFree(index.PlaceOf(table.Pfn)))
            {
                sink.Report(
                    "I03", $"frame 0x{table.Pfn:x} is free; mm {table.MmId} has a level {table.Level} table in it");
            }
        }

        foreach (ref CachePageRecord page in snapshot.CachePages.Items)
        {
            if (SnapshotIndex.IsFree(index.PlaceOf(page.Pfn)))
                sink.Report("I03", $"frame 0x{page.Pfn:x} is free; it is page {page.Index} of object {page.MappingId}");
        }

        foreach (ref ParkedFrameRecord parked in snapshot.Parked.Items)
        {
            if (SnapshotIndex.IsFree(index.PlaceOf(parked.Pfn)))
                sink.Report("I03", $"frame 0x{parked.Pfn:x} is free; it waits for the TLBs of mm {parked.MmId}");
        }

        foreach (ref LentFrameRecord lent in snapshot.Lent.Items)
        {
            if (SnapshotIndex.IsFree(index.PlaceOf(lent.Pfn)))
                sink.Report("I03", $"frame 0x{lent.Pfn:x} is free; a pipe refers to it");
        }
    }
}
