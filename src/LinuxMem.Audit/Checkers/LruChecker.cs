using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I28: every page that can leave is on exactly one list of page replacement, of its own kind, and says so; no
/// other page does; the lists are as long as they are said to be; and the pages that may not leave are those of the
/// unevictable list. A page on its way out is on no list.
/// </summary>
/// <remarks>Linux: include/linux/mm_inline.h: lruvec_add_folio, update_lru_size, v6.18.</remarks>
internal sealed class LruChecker : IChecker
{
    private readonly LruLengthChecker lengths = new();
    private readonly MlockChecker locks = new();
    private byte[] seen = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I28"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Scratch.Zeroed(ref seen, snapshot.Frames.Count);
        lengths.Check(index, sink);
        locks.Check(index, sink);
        foreach (ref LruPageRecord page in snapshot.LruPages.Items)
            CheckPage(index, in page, sink);
        CheckFrames(index, sink);
    }

    /// <summary>Whether a page of that place and those flags is where it has to be.</summary>
    internal static bool IsWhereItBelongs(in FrameRecord frame, bool isListed, bool isMapped)
    {
        if (((frame.Flags & (FrameFlags.Lru | FrameFlags.Unevictable)) != 0) != isListed)
            return false;
        // A merged page is no anon_vma's: its owner is minus its node. It stays in memory.
        bool isMerged = frame.Place == FramePlace.Anon && frame.Owner < 0;
        if (isListed)
        {
            return !isMerged && (frame.Flags & FrameFlags.Reclaim) == 0 && frame.Place is FramePlace.Anon
                or FramePlace.SwapCache or FramePlace.Shmem or FramePlace.File or FramePlace.Isolated;
        }

        bool mustBe = (frame.Place == FramePlace.Anon && isMapped && !isMerged) || frame.Place == FramePlace.SwapCache;
        return !mustBe || (frame.Flags & FrameFlags.Reclaim) != 0;
    }

    private void CheckPage(SnapshotIndex index, in LruPageRecord page, ViolationSink sink)
    {
        int at = index.Frames.Find(page.Pfn);
        FrameRecord frame = at < 0 ? default : index.Snapshot.Frames[at];
        if (at < 0 || SnapshotIndex.IsFree(frame.Place))
        {
            sink.Report("I28", $"frame 0x{page.Pfn:x} is on the list {page.List} and {frame.Place}");
            return;
        }

        if (seen[at]++ != 0)
            sink.Report("I28", $"frame 0x{page.Pfn:x} is on two lists, or twice on one; at last on {page.List}");
        bool isAnon = page.List <= LruList.ActiveAnon;
        bool unevictable = page.List == LruList.Unevictable;
        bool wrongKind = !unevictable && isAnon != ((frame.Flags & FrameFlags.SwapBacked) != 0);
        if (wrongKind || unevictable != ((frame.Flags & FrameFlags.Unevictable) != 0))
            sink.Report("I28", $"frame 0x{page.Pfn:x} ({frame.Place}, {frame.Flags}) is on the list {page.List}");
    }

    private void CheckFrames(SnapshotIndex index, ViolationSink sink)
    {
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            // What free frames keep of flags is I08's, and lists that have them were reported above.
            if (SnapshotIndex.IsFree(frames[i].Place))
                continue;
            bool isMapped = FrameUses.Mappings(index.Uses.PteUse[i]) > 0;
            if (!IsWhereItBelongs(in frames[i], seen[i] != 0, isMapped))
            {
                sink.Report("I28", $"frame 0x{frames[i].Pfn:x} ({frames[i].Place}, {frames[i].Flags}) is on "
                    + $"{seen[i]} lists of page replacement");
            }
        }
    }
}
