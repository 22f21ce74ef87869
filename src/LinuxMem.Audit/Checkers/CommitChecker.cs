using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I27: the pages that the kernel says it has promised are those of accounted VMAs and of objects; and so,
/// when every process has ended, what objects with a name still have. Private memory that can be written is accounted,
/// unless it was mapped without reserve; shared memory is the object's.
/// </summary>
/// <remarks>Linux: mm/util.c: vm_committed_as; mm/mmap.c: accountable_mapping, v6.18.</remarks>
internal sealed class CommitChecker : IChecker
{
    private const VmaFlags Asked =
        VmaFlags.Write | VmaFlags.Shared | VmaFlags.NoReserve | VmaFlags.HugeTlb | VmaFlags.Account;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I27"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        long pages = 0;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            int shift = snapshot.Mms[mm].PageShift;
            foreach (ref VmaRecord vma in snapshot.Vmas.Items[index.Mms.Vmas[mm].Start..index.Mms.Vmas[mm].End])
            {
                bool isAccounted = (vma.Flags & VmaFlags.Account) != 0;
                pages += isAccounted ? (long)((vma.End - vma.Start) >> shift) : 0;
                bool isForgotten = (vma.Flags & Asked) == VmaFlags.Write && (vma.Flags & VmaFlags.Special) == 0;
                if (isForgotten || (isAccounted && (vma.Flags & VmaFlags.Shared) != 0))
                {
                    sink.Report("I27", $"mm {vma.MmId} has 0x{vma.Start:x}-0x{vma.End:x} ({vma.Flags & Asked}), "
                        + $"accounted: {isAccounted}");
                }
            }
        }

        foreach (ref ObjectRecord mapped in snapshot.Objects.Items)
            pages += mapped.CommittedPages;
        if (pages != snapshot.Counters.Committed)
        {
            sink.Report("I27", $"{snapshot.Counters.Committed} pages count as promised; VMAs and objects were "
                + $"promised {pages}");
        }
    }
}
