using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies of I28 that a page counts as many locked mappings as entries of locked VMAs map it, and that as many pages
/// are locked as the kernel counts. Does not look at pages that are on no list in any case: merged ones, and the page
/// of zeros.
/// </summary>
/// <remarks>Linux: mm/mlock.c: mlock_folio, munlock_folio; NR_MLOCK, v6.18.</remarks>
internal sealed class MlockChecker : IChecker
{
    private int[] locks = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I28"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Scratch.Zeroed(ref locks, snapshot.Frames.Count);
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
            Count(index, mm);
        long locked = 0;
        Span<FrameRecord> frames = snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            ref FrameRecord frame = ref frames[i];
            locked += frame.MlockCount > 0 ? 1 : 0;
            bool isMerged = frame.Place == FramePlace.Anon && frame.Owner < 0;
            if (isMerged || (frame.Flags & FrameFlags.ZeroPage) != 0 || frame.MlockCount == locks[i])
                continue;
            sink.Report("I28", $"frame 0x{frame.Pfn:x} ({frame.Place}) counts {frame.MlockCount} locked mappings, and "
                + $"{locks[i]} entries of locked VMAs map it");
        }

        if (locked != snapshot.Counters.Locked)
            sink.Report("I28", $"{snapshot.Counters.Locked} pages count as locked, and {locked} are");
    }

    private void Count(SnapshotIndex index, int mm)
    {
        Span<VmaRecord> vmas = index.Snapshot.Vmas.Items;
        Span<PteRecord> ptes = index.Snapshot.Ptes.Items;
        ReadOnlySpan<int> frameOf = index.Uses.PteFrames;
        RecordRange range = index.Mms.Vmas[mm];
        int at = index.Mms.Ptes[mm].Start;
        for (int i = range.Start; i < range.End; i++)
        {
            if ((vmas[i].Flags & VmaFlags.Locked) == 0)
                continue;
            while (at < index.Mms.Ptes[mm].End && ptes[at].Va < vmas[i].Start)
                at++;
            for (; at < index.Mms.Ptes[mm].End && ptes[at].Va < vmas[i].End; at++)
            {
                if (frameOf[at] >= 0)
                    locks[frameOf[at]]++;
            }
        }
    }
}
