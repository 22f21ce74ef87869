using System.Runtime.CompilerServices;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>
/// What an address space identifier of a CPU stands for, and whether translations under it can still be used.
/// </summary>
/// <remarks>
/// A row is dead if nothing can hit its entries again before they are flushed: its address space is gone, or it is
/// not the one loaded and the CPU has not followed its generation, which the switch to it makes good first (Linux:
/// arch/x86/mm/tlb.c: switch_mm_irqs_off and choose_new_asid, v6.18). That the switch does so is what I18 looks at.
/// </remarks>
internal sealed class AsidIndex
{
    private readonly KeyMap rows = new();
    private readonly KeyMap cpus = new();
    private int[] mmOfRow = [];
    private bool[] dead = [];
    private MachineSnapshot snapshot = new();

    /// <summary>For each row, the index of its address space's record, or -1 if that is gone.</summary>
    public ReadOnlySpan<int> MmOfRow => mmOfRow;

    /// <summary>For each row, whether it is dead.</summary>
    public ReadOnlySpan<bool> Dead => dead;

    /// <summary>
    /// Takes in CPUs and rows. Refuses a CPU that is there twice, and rows and entries of one that is not there.
    /// </summary>
    public void Build(MachineSnapshot source, MmIndex mms)
    {
        snapshot = source;
        cpus.Reset(source.Cpus.Count);
        for (int i = 0; i < source.Cpus.Count; i++)
        {
            if (!cpus.TryAdd((uint)source.Cpus[i].Cpu, i))
                throw new MalformedSnapshotException($"CPU {source.Cpus[i].Cpu} is there twice");
        }

        Span<AsidRecord> records = source.Asids.Items;
        rows.Reset(records.Length);
        Scratch.Room(ref mmOfRow, records.Length);
        Scratch.Room(ref dead, records.Length);
        for (int i = 0; i < records.Length; i++)
        {
            ref AsidRecord row = ref records[i];
            int cpu = FindCpu(row.Cpu);
            if (cpu < 0)
                throw new MalformedSnapshotException($"ASID row {i} is of CPU {row.Cpu}, which is not there");
            rows.TryAdd(Key(row.Cpu, row.Asid), i);
            int mm = mms.Find(row.MmId);
            bool loaded = source.Cpus[cpu].CurrentMmId == row.MmId;
            mmOfRow[i] = mm;
            dead[i] = mm < 0 || (!loaded && row.LocalGen < source.Mms[mm].TlbGen);
        }
    }

    /// <summary>The index of a CPU's record, or -1.</summary>
    public int FindCpu(int cpu) => cpus.Find((uint)cpu);

    /// <summary>The index of the row of an identifier on a CPU, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindRow(int cpu, int asid) => rows.Find(Key(cpu, asid));

    /// <summary>Whether an invalidation that covers the page is on its way to the CPU.</summary>
    public bool IsInvalidationPending(int cpu, int mmId, ulong vpn)
    {
        foreach (ref PendingInvalidationRecord pending in snapshot.Pending.Items)
        {
            if (pending.Cpu == cpu && pending.MmId == mmId && vpn >= pending.FirstVpn
                && vpn - pending.FirstVpn < pending.PageCount)
                return true;
        }

        return false;
    }

    private static ulong Key(int cpu, int asid) => ((ulong)(uint)cpu << 32) | (uint)asid;
}
