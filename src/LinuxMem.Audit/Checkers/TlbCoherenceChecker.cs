using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies, for every entry of a translation cache that can still be hit: I15, it agrees with a present page-table
/// entry (or leaf table) of the same address, or an invalidation that covers it is on its way; I16, so do its rights;
/// I17, the frame it names is not free, invalidation or not, nor has it become a page table or the kernel's. Entries
/// of dead rows (<see cref="AsidIndex"/>) are left out. Dirty bits are I20's, whether the row is the right one I19's.
/// </summary>
/// <remarks>Linux: arch/x86/mm/tlb.c; mm/mmu_gather.c, v6.18.</remarks>
internal sealed class TlbCoherenceChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I15", "I16", "I17"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        // Neighbouring entries are mostly of one CPU and identifier.
        int cpu = -1;
        int asid = -1;
        int mm = -1;
        foreach (ref TlbRecord entry in index.Snapshot.Tlb.Items)
        {
            if (entry.Cpu != cpu || entry.Asid != asid)
            {
                cpu = entry.Cpu;
                asid = entry.Asid;
                int row = index.Asids.FindRow(cpu, asid);
                mm = row < 0 || index.Asids.Dead[row] ? -1 : index.Asids.MmOfRow[row];
            }

            if (mm < 0)
                continue;
            if (entry.IsTable)
                CheckTable(index, in entry, mm, sink);
            else
                CheckPage(index, in entry, mm, sink);
        }
    }

    private static void CheckPage(SnapshotIndex index, in TlbRecord entry, int mm, ViolationSink sink)
    {
        ref MmRecord mmRecord = ref index.Snapshot.Mms[mm];
        int at = index.Ptes.Find(mm, entry.Vpn, mmRecord.PageShift);
        PteBits bits = at < 0 ? PteBits.ProtNone : index.Snapshot.Ptes[at].Bits;
        bool agrees = (bits & PteBits.ProtNone) == 0 && index.Snapshot.Ptes[at].Pfn == entry.Pfn;
        CheckFrame(in entry, index.PlaceOf(entry.Pfn), mmRecord.PageShift, sink);
        if (!agrees)
        {
            if (!index.Asids.IsInvalidationPending(entry.Cpu, mmRecord.MmId, entry.Vpn))
            {
                string actual = at < 0 ? "no entry" : $"{index.Snapshot.Ptes[at].Pfn:x} ({bits})";
                sink.Report("I15", $"cpu{entry.Cpu} {entry.Level} (asid {entry.Asid}, va "
                    + $"0x{entry.Vpn << mmRecord.PageShift:x})=0x{entry.Pfn:x}; mm {mmRecord.MmId} has {actual}");
            }

            return;
        }

        bool exceeds = (entry.Write && (bits & PteBits.Write) == 0) || (entry.Exec && (bits & PteBits.NoExec) != 0);
        if (exceeds && !index.Asids.IsInvalidationPending(entry.Cpu, mmRecord.MmId, entry.Vpn))
        {
            sink.Report("I16", $"cpu{entry.Cpu} {entry.Level} (asid {entry.Asid}, va "
                + $"0x{entry.Vpn << mmRecord.PageShift:x}) allows write {entry.Write}, exec {entry.Exec}; "
                + $"mm {mmRecord.MmId} has {bits}");
        }
    }

    private static void CheckTable(SnapshotIndex index, in TlbRecord entry, int mm, ViolationSink sink)
    {
        ref MmRecord mmRecord = ref index.Snapshot.Mms[mm];
        FramePlace place = index.PlaceOf(entry.Pfn);
        if (place is not (FramePlace.PageTable or FramePlace.Isolated))
            ReportFrame(in entry, place, mmRecord.PageShift, sink);
        ulong va = entry.Vpn << mmRecord.PageShift;
        int table = index.Ptes.FindLeafTable(mm, va);
        if (table >= 0 && index.Snapshot.Tables[table].Pfn == entry.Pfn)
            return;
        if (!index.Asids.IsInvalidationPending(entry.Cpu, mmRecord.MmId, entry.Vpn))
        {
            sink.Report(
                "I15", $"cpu{entry.Cpu} {entry.Level} (asid {entry.Asid}, va 0x{va:x}) names the leaf table in frame "
                + $"0x{entry.Pfn:x}; mm {mmRecord.MmId} has another there, or none");
        }
    }

    private static void CheckFrame(in TlbRecord entry, FramePlace place, int pageShift, ViolationSink sink)
    {
        // No user page is ever a page table, so one that a TLB still names went there through the free list.
        if (SnapshotIndex.IsFree(place) || place == FramePlace.PageTable)
            ReportFrame(in entry, place, pageShift, sink);
    }

    private static void ReportFrame(in TlbRecord entry, FramePlace place, int pageShift, ViolationSink sink) =>
        sink.Report("I17", $"frame 0x{entry.Pfn:x} freed, now {place}; cpu{entry.Cpu} {entry.Level} "
            + $"(asid {entry.Asid}, va 0x{entry.Vpn << pageShift:x})=0x{entry.Pfn:x}");
}
