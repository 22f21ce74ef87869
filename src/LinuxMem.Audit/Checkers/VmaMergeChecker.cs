using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I22: no two neighbouring VMAs are left apart that Linux would have merged: same flags, open file,
/// object, name and policy, consecutive pages of the object, and anon_vmas that go together. Leaves out what Linux
/// itself leaves apart: special mappings, and a stack that grew down to its neighbour.
/// </summary>
/// <remarks>Linux: mm/vma.c: can_vma_merge_after, is_mergeable_anon_vma, v6.18.</remarks>
internal sealed class VmaMergeChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I22"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            RecordRange range = index.Mms.Vmas[mm];
            int shift = snapshot.Mms[mm].PageShift;
            for (int i = range.Start + 1; i < range.End; i++)
            {
                ref VmaRecord low = ref snapshot.Vmas[i - 1];
                ref VmaRecord high = ref snapshot.Vmas[i];
                if (low.End == high.Start && CanMerge(in low, in high, shift))
                {
                    sink.Report("I22", $"mm {low.MmId} has VMAs 0x{low.Start:x}-0x{low.End:x} and "
                        + $"0x{high.Start:x}-0x{high.End:x} that ought to be one");
                }
            }
        }
    }

    private static bool CanMerge(in VmaRecord low, in VmaRecord high, int pageShift)
    {
        if (((low.Flags ^ high.Flags) & ~VmaFlags.SoftDirty) != 0)
            return false;
        if ((low.Flags & (VmaFlags.Special | VmaFlags.GrowsDown)) != 0)
            return false;
        return low.MappingId == high.MappingId && !high.IsApartBelow
            && low.PgOff + ((low.End - low.Start) >> pageShift) == high.PgOff
            && string.Equals(low.Name, high.Name, StringComparison.Ordinal)
            && AnonVmasGoTogether(in low, in high);
    }

    private static bool AnonVmasGoTogether(in VmaRecord low, in VmaRecord high)
    {
        if (low.AnonVmaId == high.AnonVmaId)
            return true;
        if (low.AnonVmaId == 0)
            return !high.ForkedAnonVma;
        return high.AnonVmaId == 0 && !low.ForkedAnonVma;
    }
}
