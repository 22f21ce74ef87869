using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I21: the VMAs of an address space ascend, are aligned to pages, not empty, disjoint and within the user's
/// range, and stacks grow no further down than they may; and map_count, total_vm, locked_vm, data_vm, exec_vm and
/// stack_vm equal a recount. Does not verify the tree that holds them.
/// </summary>
/// <remarks>Linux: mm/vma.c: validate_mm, v6.18.</remarks>
internal sealed class VmaOrderChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I21"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            ref MmRecord record = ref snapshot.Mms[mm];
            RecordRange range = index.Mms.Vmas[mm];
            ulong previousEnd = 0;
            ulong pages = 0;
            ulong locked = 0, data = 0, code = 0, stack = 0;
            for (int i = range.Start; i < range.End; i++)
            {
                ref VmaRecord vma = ref snapshot.Vmas[i];
                CheckVma(in record, in vma, previousEnd, sink);
                previousEnd = vma.End;
                ulong span = (vma.End - vma.Start) >> record.PageShift;
                pages += span;
                locked += (vma.Flags & VmaFlags.Locked) != 0 ? span : 0;
                bool isStack = (vma.Flags & VmaFlags.GrowsDown) != 0;
                VmaFlags rights = vma.Flags & (VmaFlags.Write | VmaFlags.Exec);
                stack += isStack ? span : 0;
                code += !isStack && rights == VmaFlags.Exec ? span : 0;
                data += !isStack && (vma.Flags & (VmaFlags.Write | VmaFlags.Shared)) == VmaFlags.Write ? span : 0;
            }

            if (record.StackGrownTo < snapshot.LowestGrowth)
            {
                sink.Report("I21", $"mm {record.MmId}: a stack has grown to 0x{record.StackGrownTo:x}, below "
                    + $"0x{snapshot.LowestGrowth:x}");
            }

            if (record.MapCountCounter != range.Count)
                sink.Report("I21", $"mm {record.MmId} counts {record.MapCountCounter} VMAs, but has {range.Count}");
            if ((ulong)record.TotalVmPages != pages)
                sink.Report("I21", $"mm {record.MmId} counts {record.TotalVmPages} pages in VMAs, which cover {pages}");
            if ((ulong)record.LockedVmPages != locked)
                sink.Report("I21", $"mm {record.MmId} counts {record.LockedVmPages} locked pages; VMAs lock {locked}");
            if (((ulong)record.DataVmPages, (ulong)record.ExecVmPages, (ulong)record.StackVmPages)
                != (data, code, stack))
            {
                sink.Report("I21", $"mm {record.MmId} counts {record.DataVmPages} pages of data, "
                    + $"{record.ExecVmPages} of code, {record.StackVmPages} of stack; VMAs have {data}, {code} and "
                    + $"{stack}");
            }
        }
    }

    private static void CheckVma(in MmRecord mm, in VmaRecord vma, ulong previousEnd, ViolationSink sink)
    {
        ulong offset = (1UL << mm.PageShift) - 1;
        if (((vma.Start | vma.End) & offset) != 0 || vma.Start >= vma.End)
            sink.Report("I21", $"mm {mm.MmId} has a VMA 0x{vma.Start:x}-0x{vma.End:x}: empty or not aligned to pages");
        if (vma.Start < previousEnd)
        {
            sink.Report(
                "I21", $"mm {mm.MmId} has a VMA 0x{vma.Start:x}-0x{vma.End:x} that begins before 0x{previousEnd:x}");
        }

        if (vma.Start < mm.Lowest || vma.End > mm.TaskSize)
        {
            sink.Report("I21", $"mm {mm.MmId} has a VMA 0x{vma.Start:x}-0x{vma.End:x} outside of "
                + $"0x{mm.Lowest:x}-0x{mm.TaskSize:x}");
        }
    }
}
