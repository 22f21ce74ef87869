using LinuxMem.Audit.Checkers;
using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit;

/// <summary>
/// The rules for one frame and for one page-table entry by themselves, for those who look only at what has changed.
/// What these let pass, an <see cref="Auditor"/> lets pass too, while operations are under way.
/// </summary>
public static class ScreenRules
{
    /// <summary>Whether a frame that has a record keeps I01, I03, I08, I09, I10, I11, I14 and I28.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="claims">Where it was found.</param>
    /// <param name="mappings">Entries that map it, other than as the zero page.</param>
    /// <param name="writable">Entries that map it for writing.</param>
    public static bool FrameIsFine(in FrameRecord frame, FrameClaims claims, int mappings, int writable)
    {
        bool isListed = (claims & FrameClaims.Listed) != 0;
        claims &= ~FrameClaims.Listed;
        if (!FramePlaceChecker.IsWhereItBelongs(frame.Place, frame.Flags, claims))
            return false;
        if (SnapshotIndex.IsFree(frame.Place))
        {
            return !isListed && (claims & FreeFrameReferenceChecker.References) == 0 && frame.RefCount == 0
                && frame.MapCount == 0 && frame.ExtraRefs == 0 && frame.Flags == FrameFlags.None && writable == 0;
        }

        return HwPoisonChecker.IsFine(frame.Place, frame.Flags)
            && LruChecker.IsWhereItBelongs(in frame, isListed, mappings > 0)
            && frame.RefCount == mappings + frame.ExtraRefs && frame.MapCount == mappings
            && ReferencesAreKnown(in frame, claims) && MayBeMappedSo(in frame, mappings, writable)
            && WritebackChecker.IsWrittenBySomebody(in frame);
    }

    /// <summary>Whether a page of a file breaks I29 if its file is on a disk: stores to it would pass unnoticed.
    /// </summary>
    public static bool MissesStores(in FrameRecord frame, int writable) =>
        WritebackChecker.MissesStores(in frame, writable);

    /// <summary>Whether an entry keeps I23; of entries for free frames I03 has to say more.</summary>
    /// <param name="pte">The entry.</param>
    /// <param name="frame">The frame that it maps.</param>
    /// <param name="vma">The area that its address is in.</param>
    /// <param name="pageShift">log2 of the page size.</param>
    /// <param name="hardwareNoExec">Whether entries can forbid execution.</param>
    public static bool EntryIsFine(
        in PteRecord pte, in FrameRecord frame, in VmaRecord vma, int pageShift, bool hardwareNoExec) =>
        PteRightsChecker.AreRightsWithin(pte.Bits, vma.Flags, hardwareNoExec)
            && (SnapshotIndex.IsFree(frame.Place)
                || PteRightsChecker.IsRightKind(in pte, frame.Place, in frame, in vma, pageShift));

    private static bool ReferencesAreKnown(in FrameRecord frame, FrameClaims claims)
    {
        if (frame.Place is FramePlace.Kernel or FramePlace.Reserved or FramePlace.Poisoned or FramePlace.Isolated)
            return true;
        int seen = ((claims & FrameClaims.Cache) != 0 ? 1 : 0) + ((claims & FrameClaims.Table) != 0 ? 1 : 0)
            + RefCountChecker.SwapCacheReferences(in frame);
        return frame.ExtraRefs >= seen && frame.RefCount > 0;
    }

    private static bool MayBeMappedSo(in FrameRecord frame, int mappings, int writable)
    {
        bool isPrivate = frame.Place is FramePlace.Anon or FramePlace.SwapCache;
        bool exclusive = (frame.Flags & FrameFlags.AnonExclusive) != 0;
        if (writable > 0)
            return (frame.Flags & FrameFlags.ZeroPage) == 0 && (!isPrivate || (mappings <= 1 && exclusive));
        return !(exclusive && isPrivate && mappings > 1);
    }
}
