using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I13: no frame is mapped both as a private page of a process and as a page of an object. Mappings in private
/// VMAs of an object may be either and tell nothing; whether each is the right page is I23's.
/// </summary>
/// <remarks>Linux: mm/page_table_check.c: page_table_check_set, v6.18.</remarks>
internal sealed class MappedKindChecker : IChecker
{
    private const byte AsPrivate = 1;
    private const byte AsObjects = 2;
    private byte[] kinds = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I13"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        index.MappedAsBoth.Clear();
        Scratch.Zeroed(ref kinds, snapshot.Frames.Count);
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
            Note(index, mm, sink);
    }

    private void Note(SnapshotIndex index, int mm, ViolationSink sink)
    {
        Span<VmaRecord> vmas = index.Snapshot.Vmas.Items;
        Span<PteRecord> ptes = index.Snapshot.Ptes.Items;
        ReadOnlySpan<int> frames = index.Uses.PteFrames;
        RecordRange vmaRange = index.Mms.Vmas[mm];
        RecordRange pteRange = index.Mms.Ptes[mm];
        int at = vmaRange.Start;
        for (int i = pteRange.Start; i < pteRange.End; i++)
        {
            while (at < vmaRange.End && vmas[at].End <= ptes[i].Va)
                at++;
            if (at == vmaRange.End)
                return;
            byte kind = KindOf(in vmas[at]);
            if (kind == 0 || ptes[i].Va < vmas[at].Start || frames[i] < 0 || (ptes[i].Bits & PteBits.ZeroPage) != 0)
                continue;
            ref byte known = ref kinds[frames[i]];
            known |= kind;
            if (known != (AsPrivate | AsObjects) || !index.MappedAsBoth.Add(frames[i]))
                continue;
            sink.Report("I13", $"frame 0x{ptes[i].Pfn:x} is mapped as a private page and as an object's, the latter or "
                + $"the former in mm {ptes[i].MmId} at va 0x{ptes[i].Va:x}");
        }
    }

    private static byte KindOf(in VmaRecord vma)
    {
        if ((vma.Flags & VmaFlags.Shared) != 0)
            return AsObjects;
        return vma.MappingId == 0 ? AsPrivate : (byte)0;
    }
}
