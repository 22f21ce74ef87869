using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I25: a stack that has grown since the snapshot before keeps its distance from the mapping below, unless
/// that is a stack too, cannot be accessed, or is new there: mmap with MAP_FIXED asks for no gap.
/// </summary>
/// <remarks>Linux: mm/vma.c: expand_downwards, v6.18.</remarks>
internal sealed class GuardGapChecker : IChecker
{
    private const VmaFlags Access = VmaFlags.Read | VmaFlags.Write | VmaFlags.Exec;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I25"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            ulong gap = snapshot.StackGuardPages << snapshot.Mms[mm].PageShift;
            Span<VmaRecord> vmas = snapshot.Vmas.Items[index.Mms.Vmas[mm].Start..index.Mms.Vmas[mm].End];
            for (int i = 1; i < vmas.Length; i++)
            {
                ref VmaRecord stack = ref vmas[i];
                ref VmaRecord below = ref vmas[i - 1];
                bool hasGrown = (stack.Flags & VmaFlags.GrowsDown) != 0 && stack.Start < stack.StartBefore;
                if (!hasGrown || !stack.BelowStayed || (below.Flags & VmaFlags.GrowsDown) != 0
                    || (below.Flags & Access) == 0 || stack.Start - below.End >= gap)
                    continue;
                sink.Report("I25", $"mm {stack.MmId}: the stack at 0x{stack.Start:x} has grown to 0x"
                    + $"{stack.Start - below.End:x} bytes above the mapping that ends at 0x{below.End:x}");
            }
        }
    }
}
