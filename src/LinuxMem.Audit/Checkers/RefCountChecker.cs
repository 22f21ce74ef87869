using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I10: the reference count of every frame in use equals its mappings, recounted from the page tables, plus
/// its other references; these include those of the page cache, the swap cache, page tables and pipes that the snapshot
/// shows and, at a quiescent point, no more. A page of a process, an object or the page tables has at least one. Does
/// not verify free frames (I08).
/// </summary>
/// <remarks>Linux: include/linux/mm.h: folio_expected_ref_count, v6.18.</remarks>
internal sealed class RefCountChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I10"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<FrameClaims> claims = index.Uses.Claims;
        ReadOnlySpan<ulong> uses = index.Uses.PteUse;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        bool quiescent = index.Snapshot.Engine.Quiescent;
        for (int i = 0; i < frames.Length; i++)
        {
            FramePlace place = places[i];
            if (SnapshotIndex.IsFree(place))
                continue;
            ref FrameRecord frame = ref frames[i];
            int ptes = FrameUses.Mappings(uses[i]);
            if (frame.RefCount != ptes + frame.ExtraRefs)
            {
                sink.Report("I10", $"frame 0x{frame.Pfn:x} ({place}) has refcount {frame.RefCount}, "
                    + $"but {ptes} mappings and {frame.ExtraRefs} other references");
            }

            if (place is FramePlace.Kernel or FramePlace.Reserved or FramePlace.Poisoned or FramePlace.Isolated)
                continue;
            int seen = ((int)(claims[i] & FrameClaims.Cache) / (int)FrameClaims.Cache)
                + ((int)(claims[i] & FrameClaims.Table) / (int)FrameClaims.Table)
                + SwapCacheReferences(in frame) + index.Uses.Lent[i];
            if (frame.ExtraRefs < seen || (quiescent && frame.ExtraRefs != seen && place != FramePlace.SwapCache))
            {
                sink.Report("I10", $"frame 0x{frame.Pfn:x} ({place}) is held by {frame.ExtraRefs} beside its mappings; "
                    + $"cache and page tables account for {seen}");
            }

            if (frame.RefCount <= 0)
                sink.Report("I10", $"frame 0x{frame.Pfn:x} ({place}) is in use with refcount {frame.RefCount}");
        }
    }

    /// <summary>
    /// The reference that the swap cache has to a page which is something else too: shared memory on its way to swap is
    /// in both caches; a private page that came back keeps its slot, until a store makes the copy there worthless.
    /// </summary>
    internal static int SwapCacheReferences(in FrameRecord frame) =>
        frame.Place is FramePlace.Anon or FramePlace.Shmem && (frame.Flags & FrameFlags.SwapCached) != 0 ? 1 : 0;
}
