using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I18: no CPU is ahead of an address space's TLB generation; a CPU that has it loaded has reached it, or
/// has been sent what takes it there; nothing that is still to be done has been counted as done; and no gather waits
/// for a generation that does not exist. That entries older than an acknowledged generation are gone is I15's.
/// </summary>
/// <remarks>Linux: arch/x86/mm/tlb.c: flush_tlb_func; tlb_state.ctxs has a generation for each ASID, v6.18.</remarks>
internal sealed class TlbGenerationChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I18"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Span<AsidRecord> rows = snapshot.Asids.Items;
        for (int i = 0; i < rows.Length; i++)
        {
            int mm = index.Asids.MmOfRow[i];
            if (mm >= 0)
                CheckRow(index, in rows[i], snapshot.Mms[mm].TlbGen, sink);
        }

        foreach (ref PendingInvalidationRecord pending in snapshot.Pending.Items)
        {
            int mm = index.Mms.Find(pending.MmId);
            if (mm >= 0 && pending.Gen > snapshot.Mms[mm].TlbGen)
            {
                sink.Report("I18", $"cpu{pending.Cpu} has been sent generation {pending.Gen} of mm {pending.MmId}, "
                    + $"which is at {snapshot.Mms[mm].TlbGen}");
            }
        }

        foreach (ref ParkedFrameRecord parked in snapshot.Parked.Items)
        {
            int mm = index.Mms.Find(parked.MmId);
            if (mm >= 0 && parked.Gen > snapshot.Mms[mm].TlbGen)
            {
                sink.Report("I18", $"frame 0x{parked.Pfn:x} waits for generation {parked.Gen} of mm {parked.MmId}, "
                    + $"which is at {snapshot.Mms[mm].TlbGen}");
            }
        }
    }

    private static void CheckRow(SnapshotIndex index, in AsidRecord row, ulong gen, ViolationSink sink)
    {
        if (row.LocalGen > gen)
        {
            sink.Report("I18", $"cpu{row.Cpu} is at generation {row.LocalGen} of mm {row.MmId}, which is at {gen}");
            return;
        }

        ulong reached = row.LocalGen;
        foreach (ref PendingInvalidationRecord pending in index.Snapshot.Pending.Items)
        {
            // An order for a tag that the address space had before (the CPU was away meanwhile) is none for this one.
            if (pending.Cpu != row.Cpu || pending.MmId != row.MmId || pending.Asid != row.Asid)
                continue;
            reached = Math.Max(reached, pending.Gen);
            if (pending.Gen <= row.LocalGen)
            {
                sink.Report("I18", $"cpu{row.Cpu} counts generation {row.LocalGen} of mm {row.MmId} as done, "
                    + $"but {pending.Gen} is still on its way");
            }
        }

        int cpu = index.Asids.FindCpu(row.Cpu);
        if (reached < gen && index.Snapshot.Cpus[cpu].CurrentMmId == row.MmId)
        {
            sink.Report(
                "I18", $"cpu{row.Cpu} runs mm {row.MmId} at generation {row.LocalGen}, has been sent {reached}, "
                + $"and the mm is at {gen}");
        }
    }
}
