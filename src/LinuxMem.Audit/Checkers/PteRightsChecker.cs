using System.Runtime.CompilerServices;
using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I23: every mapped page lies in exactly one VMA, allows no more than that, and is of the kind that the VMA
/// maps: the object's own page of that index, or in a private VMA a private page or the zero page; and a private VMA
/// never maps a page of the cache writable. Does not verify that a private page belongs to the VMA's anon_vma (I12).
/// </summary>
/// <remarks>Linux: mm/memory.c: vm_normal_page; mm/mprotect.c, v6.18.</remarks>
internal sealed class PteRightsChecker : IChecker
{
    private const VmaFlags Access = VmaFlags.Read | VmaFlags.Write | VmaFlags.Exec;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I23"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
            CheckMm(index, mm, sink);
    }

    private static void CheckMm(SnapshotIndex index, int mm, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Span<VmaRecord> vmas = snapshot.Vmas.Items;
        Span<PteRecord> ptes = snapshot.Ptes.Items;
        ReadOnlySpan<int> pteFrames = index.Uses.PteFrames;
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        RecordRange vmaRange = index.Mms.Vmas[mm];
        RecordRange pteRange = index.Mms.Ptes[mm];
        ReadOnlySpan<FrameRecord> frames = snapshot.Frames.Items;
        int shift = snapshot.Mms[mm].PageShift;
        ulong offsetMask = (1UL << shift) - 1;
        int at = vmaRange.Start;
        int i = pteRange.Start;
        while (i < pteRange.End)
        {
            while (at < vmaRange.End && vmas[at].End <= ptes[i].Va)
                at++;
            if (at >= vmaRange.End || ptes[i].Va < vmas[at].Start)
            {
                sink.Report("I23", $"mm {ptes[i].MmId} maps va 0x{ptes[i].Va:x}, which is in no VMA");
                i++;
                continue;
            }

            (PteBits mask, PteBits wanted) = Usual(vmas[at].Flags, snapshot.HardwareNoExec);
            ref VmaRecord vma = ref vmas[at];
            bool isPrivate = (vma.Flags & VmaFlags.Shared) == 0;
            for (; i < pteRange.End && ptes[i].Va < vma.End; i++)
            {
                // Nearly every entry has the usual bits and a private page or the object's own: no more to ask then.
                ref PteRecord pte = ref ptes[i];
                int frame = pteFrames[i];
                bool usual = (pte.Bits & mask) == wanted && (pte.Va & offsetMask) == 0 && frame >= 0
                    && (places[frame] == FramePlace.Anon
                        ? isPrivate
                        : IsOfObject(in pte, places[frame], in frames[frame], in vma, shift));
                if (!usual)
                    CheckPte(index, mm, i, in vma, sink);
            }
        }
    }

    /// <summary>What entries of the VMA that can be accessed have: of the masked bits exactly those wanted.</summary>
    private static (PteBits Mask, PteBits Wanted) Usual(VmaFlags flags, bool hardwareNoExec)
    {
        // No entry has all the bits that this one asks for, so that each is looked at.
        if ((flags & Access) == 0)
            return (PteBits.None, PteBits.User);
        PteBits mask = PteBits.User | PteBits.ProtNone | PteBits.ZeroPage;
        PteBits wanted = PteBits.User;
        if ((flags & VmaFlags.Write) == 0)
            mask |= PteBits.Write;
        if ((flags & VmaFlags.Exec) == 0 && hardwareNoExec)
        {
            mask |= PteBits.NoExec;
            wanted |= PteBits.NoExec;
        }

        return (mask, wanted);
    }

    private static void CheckPte(SnapshotIndex index, int mm, int at, in VmaRecord vma, ViolationSink sink)
    {
        ref PteRecord pte = ref index.Snapshot.Ptes[at];
        int shift = index.Snapshot.Mms[mm].PageShift;
        if ((pte.Va & ((1UL << shift) - 1)) != 0)
            sink.Report("I23", $"mm {pte.MmId} maps va 0x{pte.Va:x} (0x{pte.Pfn:x}), not on a page boundary");
        if (!AreRightsWithin(pte.Bits, vma.Flags, index.Snapshot.HardwareNoExec))
        {
            sink.Report("I23", $"mm {pte.MmId}, va 0x{pte.Va:x} has an entry that allows {pte.Bits}, "
                + $"its VMA {vma.Flags & (Access | VmaFlags.Shared)}");
        }

        int frame = index.Uses.PteFrames[at];
        FramePlace place = frame < 0 ? FramePlace.Untouched : index.Uses.Places[frame];
        // Free frames are I03's, those mapped as two kinds of page I13's.
        if (SnapshotIndex.IsFree(place) || index.MappedAsBoth.Contains(frame))
            return;
        if (!IsRightKind(in pte, place, in index.Snapshot.Frames[frame], in vma, shift))
        {
            sink.Report("I23", $"mm {pte.MmId}, va 0x{pte.Va:x} maps frame 0x{pte.Pfn:x} ({place}, {pte.Bits}), "
                + $"which is no page for that address of object {vma.MappingId}");
        }
    }

    internal static bool AreRightsWithin(PteBits bits, VmaFlags flags, bool hardwareNoExec)
    {
        if ((bits & PteBits.Write) != 0 && (flags & VmaFlags.Write) == 0)
            return false;
        // An entry that is kept from the hardware allows nothing, whatever its bits for execution say.
        if ((bits & PteBits.ProtNone) != 0)
            return (bits & PteBits.Write) == 0;
        bool mayExecute = hardwareNoExec && (bits & PteBits.NoExec) == 0;
        return (flags & Access) != 0 && (bits & PteBits.User) != 0 && (!mayExecute || (flags & VmaFlags.Exec) != 0);
    }

    internal static bool IsRightKind(
        in PteRecord pte, FramePlace place, in FrameRecord frame, in VmaRecord vma, int shift)
    {
        bool zeroPage = (pte.Bits & PteBits.ZeroPage) != 0;
        bool shared = (vma.Flags & VmaFlags.Shared) != 0;
        if (place is FramePlace.Anon or FramePlace.SwapCache)
            return !shared && !zeroPage;
        if (place is FramePlace.File or FramePlace.Shmem)
            return !zeroPage && IsOfObject(in pte, place, in frame, in vma, shift);
        return zeroPage == ((frame.Flags & FrameFlags.ZeroPage) != 0) && !(zeroPage && shared);
    }

    /// <summary>
    /// Whether the frame is the object's page for that address, and not writable through a private mapping.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsOfObject(
        in PteRecord pte, FramePlace place, in FrameRecord frame, in VmaRecord vma, int shift) =>
        place is FramePlace.File or FramePlace.Shmem
            && frame.Owner == vma.MappingId && frame.Index == vma.PgOff + ((pte.Va - vma.Start) >> shift)
            && ((pte.Bits & PteBits.Write) == 0 || (vma.Flags & VmaFlags.Shared) != 0);
}
