using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I23: every mapped page lies in exactly one VMA, allows no more than that, and is of the kind that the VMA maps: the
/// object's own page of that index, or in a private VMA a private page or the zero page; and a private VMA never maps a page of the
/// cache writable. Does not verify that a private page belongs to the VMA's anon_vma (I12).
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
        RecordRange vmaRange = index.Mms.Vmas[mm];
        RecordRange pteRange = index.Mms.Ptes[mm];
        int shift = snapshot.Mms[mm].PageShift;
        int at = vmaRange.Start;
        PteBits forbidden = PteBits.None;
        bool known = false;
        for (int i = pteRange.Start; i < pteRange.End; i++)
        {
            ref PteRecord pte = ref ptes[i];
            while (at < vmaRange.End && vmas[at].End <= pte.Va)
            {
                at++;
                known = false;
            }

            if (at >= vmaRange.End || pte.Va < vmas[at].Start || (pte.Va & ((1UL << shift) - 1)) != 0)
            {
                sink.Report("I23", $"mm {pte.MmId} maps frame 0x{pte.Pfn:x} at va 0x{pte.Va:x}, which is in no VMA");
                continue;
            }

            if (!known)
                forbidden = Forbidden(vmas[at].Flags, snapshot.HardwareNoExec);
            known = true;
            if (((pte.Bits ^ PteBits.NoExec) & forbidden) != 0 || !IsUserPage(pte.Bits, vmas[at].Flags))
            {
                sink.Report("I23", $"mm {pte.MmId}, va 0x{pte.Va:x} has an entry that allows {pte.Bits}, "
                    + $"its VMA {vmas[at].Flags & (Access | VmaFlags.Shared)}");
            }

            CheckKind(index, in pte, index.Uses.PteFrames[i], in vmas[at], shift, sink);
        }
    }

    /// <summary>The bits that no entry of the VMA may have, with the sense of NoExec turned round.</summary>
    private static PteBits Forbidden(VmaFlags flags, bool hardwareNoExec)
    {
        PteBits bits = (flags & VmaFlags.Write) == 0 ? PteBits.Write : PteBits.None;
        // An entry that is kept from the hardware allows nothing, whatever its bits for execution say.
        return hardwareNoExec && (flags & VmaFlags.Exec) == 0 && (flags & Access) != 0 ? bits | PteBits.NoExec : bits;
    }

    private static bool IsUserPage(PteBits bits, VmaFlags flags) =>
        (bits & PteBits.ProtNone) != 0
            ? (bits & PteBits.Write) == 0
            : (flags & Access) != 0 && (bits & PteBits.User) != 0;

    private static void CheckKind(
        SnapshotIndex index, in PteRecord pte, int frame, in VmaRecord vma, int shift, ViolationSink sink)
    {
        // Free frames are I03's.
        if (frame < 0 || SnapshotIndex.IsFree(index.Uses.Places[frame]))
            return;
        bool zeroPage = (pte.Bits & PteBits.ZeroPage) != 0;
        FramePlace place = index.Uses.Places[frame];
        bool shared = (vma.Flags & VmaFlags.Shared) != 0;
        bool right = place switch
        {
            FramePlace.Anon or FramePlace.SwapCache => !shared && !zeroPage,
            FramePlace.File or FramePlace.Shmem => !zeroPage && (shared || (pte.Bits & PteBits.Write) == 0)
                && IsPageOf(in index.Snapshot.Frames[frame], in vma, pte.Va, shift),
            _ => zeroPage == ((index.Snapshot.Frames[frame].Flags & FrameFlags.ZeroPage) != 0)
                && !(zeroPage && shared),
        };
        if (!right)
        {
            sink.Report("I23", $"mm {pte.MmId}, va 0x{pte.Va:x} maps frame 0x{pte.Pfn:x} ({place}, {pte.Bits}), "
                + $"which is no page for that address of object {vma.MappingId}");
        }
    }

    private static bool IsPageOf(in FrameRecord frame, in VmaRecord vma, ulong va, int shift) =>
        frame.Owner == vma.MappingId && frame.Index == vma.PgOff + ((va - vma.Start) >> shift);
}
