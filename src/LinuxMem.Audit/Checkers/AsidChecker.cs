using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I19: on each CPU an identifier stands for one address space and an address space has one identifier; what
/// is loaded exists and has one; and every entry of a translation cache is tagged with an identifier that is in use.
/// An identifier given to another address space without a flush shows as entries that disagree with the tables, which
/// is I15's.
/// </summary>
/// <remarks>Linux: arch/x86/mm/tlb.c: choose_new_asid, v6.18.</remarks>
internal sealed class AsidChecker : IChecker
{
    private readonly KeyMap owners = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I19"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Span<AsidRecord> rows = snapshot.Asids.Items;
        owners.Reset(rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            ref AsidRecord row = ref rows[i];
            if (index.Asids.FindRow(row.Cpu, row.Asid) != i)
                sink.Report("I19", $"cpu{row.Cpu} uses asid {row.Asid} twice, once for mm {row.MmId}");
            if (!row.IsReleased && !owners.TryAdd(((ulong)(uint)row.Cpu << 32) | (uint)row.MmId, i))
                sink.Report("I19", $"cpu{row.Cpu} knows mm {row.MmId} by two identifiers, one of them {row.Asid}");
        }

        foreach (ref CpuRecord cpu in snapshot.Cpus.Items)
            CheckLoaded(index, in cpu, sink);
        int cpuOfRow = -1;
        int asidOfRow = -1;
        foreach (ref TlbRecord entry in snapshot.Tlb.Items)
        {
            // Neighbouring entries are mostly of one CPU and identifier.
            if (entry.Cpu == cpuOfRow && entry.Asid == asidOfRow)
                continue;
            if (index.Asids.FindRow(entry.Cpu, entry.Asid) >= 0)
            {
                cpuOfRow = entry.Cpu;
                asidOfRow = entry.Asid;
            }
            else
            {
                sink.Report("I19", $"cpu{entry.Cpu} {entry.Level} has an entry for frame 0x{entry.Pfn:x} under asid "
                    + $"{entry.Asid}, which stands for no address space");
            }
        }
    }

    private void CheckLoaded(SnapshotIndex index, in CpuRecord cpu, ViolationSink sink)
    {
        if (cpu.CurrentMmId == 0)
            return;
        int mm = index.Mms.Find(cpu.CurrentMmId);
        if (mm < 0 || index.Snapshot.Mms[mm].Users <= 0)
            sink.Report("I19", $"cpu{cpu.Cpu} runs mm {cpu.CurrentMmId}, which is gone");
        else if (owners.Find(((ulong)(uint)cpu.Cpu << 32) | (uint)cpu.CurrentMmId) < 0)
            sink.Report("I19", $"cpu{cpu.Cpu} runs mm {cpu.CurrentMmId}, which has no identifier there");
    }
}
