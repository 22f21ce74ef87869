using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I20: a translation under which stores need not set the dirty bit any more belongs to a page-table entry
/// that has it set, or an invalidation that covers it is on its way: else a store would go unnoticed. Entries that
/// disagree in other ways are I15's, those of dead rows are left out.
/// </summary>
/// <remarks>Linux: mm/memory.c: zap_present_folio_ptes (force_flush); mm/mprotect.c, v6.18.</remarks>
internal sealed class DirtyBitChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I20"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        Span<PteRecord> ptes = index.Snapshot.Ptes.Items;
        foreach (ref TlbRecord entry in index.Snapshot.Tlb.Items)
        {
            if (!entry.Dirty || entry.IsTable)
                continue;
            int row = index.Asids.FindRow(entry.Cpu, entry.Asid);
            int mm = row < 0 || index.Asids.Dead[row] ? -1 : index.Asids.MmOfRow[row];
            if (mm < 0)
                continue;
            ref MmRecord owner = ref index.Snapshot.Mms[mm];
            int at = index.Ptes.Find(mm, entry.Vpn, owner.PageShift);
            if (at < 0 || ptes[at].Pfn != entry.Pfn || (ptes[at].Bits & (PteBits.Dirty | PteBits.ProtNone)) != 0
                || index.Asids.IsInvalidationPending(entry.Cpu, owner.MmId, entry.Vpn))
                continue;
            sink.Report("I20", $"cpu{entry.Cpu} {entry.Level} (asid {entry.Asid}, va "
                + $"0x{entry.Vpn << owner.PageShift:x}) stores without a word; the entry of mm {owner.MmId} is clean");
        }
    }
}
