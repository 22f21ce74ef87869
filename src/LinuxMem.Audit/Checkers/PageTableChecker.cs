using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I24: the page tables of an address space form one tree from its root, each table in it once; their counts
/// of used entries equal a recount; none is left where no VMA is; an address space that has ended has none but its
/// root; and the counter of tables is right. Entries of swapped pages do not count as used here.
/// </summary>
/// <remarks>Linux: mm/memory.c: free_pgd_range; kernel/fork.c: check_mm, v6.18.</remarks>
internal sealed class PageTableChecker : IChecker
{
    private int[] used = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I24"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Scratch.Zeroed(ref used, snapshot.Tables.Count);
        foreach (DoubleClaim twice in index.Uses.Doubles)
        {
            if (twice.Claim == FrameClaims.Table)
                sink.Report("I24", $"frame 0x{snapshot.Frames[twice.Frame].Pfn:x} is two page tables");
        }

        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            CheckTree(index, mm, sink);
            CountLeafEntries(index, mm, sink);
            CheckCounts(index, mm, sink);
        }
    }

    private void CheckTree(SnapshotIndex index, int mm, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ref MmRecord record = ref snapshot.Mms[mm];
        RecordRange range = index.Mms.Tables[mm];
        int roots = 0;
        int vma = index.Mms.Vmas[mm].Start;
        for (int i = range.Start; i < range.End; i++)
        {
            ref TableRecord table = ref snapshot.Tables[i];
            if (table.ParentPfn == 0)
            {
                roots += table.Pfn == record.RootPfn ? 1 : 2;
                continue;
            }

            int parentFrame = index.Frames.Find(table.ParentPfn);
            int parent = parentFrame < 0 ? -1 : index.Uses.Tables[parentFrame] - 1;
            if (parent < 0 || !IsParent(in snapshot.Tables[parent], in table))
            {
                sink.Report(
                    "I24", $"mm {table.MmId}: the level {table.Level} table in frame 0x{table.Pfn:x} hangs on frame "
                    + $"0x{table.ParentPfn:x}, which is no table above it");
            }
            else
            {
                used[parent]++;
            }

            if (!IsNeeded(index, mm, in table, ref vma))
            {
                sink.Report("I24", $"mm {table.MmId}: the level {table.Level} table in frame 0x{table.Pfn:x} for "
                    + $"0x{table.StartVa:x}-0x{table.EndVa:x} is left where no VMA is");
            }
        }

        if (roots != 1 && range.Count > 0)
            sink.Report("I24", $"mm {record.MmId} has more than one root, or another than frame 0x{record.RootPfn:x}");
    }

    private static bool IsParent(in TableRecord parent, in TableRecord table) =>
        parent.MmId == table.MmId && parent.Level == table.Level + 1
            && parent.StartVa <= table.StartVa && table.EndVa - 1 <= parent.EndVa - 1;

    /// <summary>
    /// Whether a VMA meets the table's range. The cursor makes tables in ascending order cheap; others begin anew.
    /// </summary>
    private static bool IsNeeded(SnapshotIndex index, int mm, in TableRecord table, ref int cursor)
    {
        Span<VmaRecord> vmas = index.Snapshot.Vmas.Items;
        RecordRange range = index.Mms.Vmas[mm];
        if (cursor > range.Start && vmas[cursor - 1].End > table.StartVa)
            cursor = range.Start;
        while (cursor < range.End && vmas[cursor].End <= table.StartVa)
            cursor++;
        return cursor < range.End && vmas[cursor].Start <= table.EndVa - 1;
    }

    private void CountLeafEntries(SnapshotIndex index, int mm, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Span<PteRecord> ptes = snapshot.Ptes.Items;
        RecordRange range = index.Mms.Ptes[mm];
        int at = range.Start;
        while (at < range.End)
        {
            int table = index.Ptes.FindLeafTable(mm, ptes[at].Va);
            if (table < 0)
            {
                sink.Report("I24", $"mm {ptes[at].MmId}: no leaf table of its own translates va 0x{ptes[at].Va:x}");
                at++;
                continue;
            }

            ulong end = snapshot.Tables[table].EndVa;
            int first = at;
            while (at < range.End && ptes[at].Va < end)
                at++;
            used[table] += at - first;
        }
    }

    private void CheckCounts(SnapshotIndex index, int mm, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ref MmRecord record = ref snapshot.Mms[mm];
        RecordRange range = index.Mms.Tables[mm];
        for (int i = range.Start; i < range.End; i++)
        {
            ref TableRecord table = ref snapshot.Tables[i];
            if (table.UsedEntries != used[i])
            {
                sink.Report("I24", $"mm {table.MmId}: the level {table.Level} table in frame 0x{table.Pfn:x} counts "
                    + $"{table.UsedEntries} used entries, but has {used[i]}");
            }
        }

        int below = Math.Max(0, range.Count - 1);
        if (record.PageTablePagesCounter != below)
            sink.Report("I24", $"mm {record.MmId} counts {record.PageTablePagesCounter} page tables, but has {below}");
        if (record.Users <= 0 && below > 0)
            sink.Report("I24", $"mm {record.MmId} has ended and still has {below} page tables");
    }
}
