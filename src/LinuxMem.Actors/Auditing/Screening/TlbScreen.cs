using System.Runtime.InteropServices;
using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using FramePlace = LinuxMem.Mm.MemMaps.FramePlace;
using TlbLevel = LinuxMem.Arch.Tlbs.TlbLevel;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>Looks at the TLBs (I15 to I17, and of I19 that every entry stands for something).</summary>
internal sealed class TlbScreen(FrameLedger ledger, SpaceScreen spaces, KernelMemory memory, CpuState[] cpus)
{
    private readonly PteFormat format = memory.Geometry.Format;
    private readonly int pageShift = memory.Geometry.PageShift;
    private readonly List<TlbEntryInfo> entries = [];
    private MachineSnapshot snapshot = new();

    /// <summary>
    /// Looks at all entries. Precondition: the snapshot has address spaces, CPUs, identifiers and invalidations.
    /// </summary>
    public void Look(MachineSnapshot now)
    {
        snapshot = now;
        for (int cpu = 0; cpu < cpus.Length && !ledger.IsSuspect; cpu++)
        {
            entries.Clear();
            cpus[cpu].Slot.Mmu.ExportEntries(entries);
            LookAt(cpu, CollectionsMarshal.AsSpan(entries));
        }
    }

    private void LookAt(int cpu, ReadOnlySpan<TlbEntryInfo> infos)
    {
        // Neighbouring entries are mostly of one identifier, and of one leaf table.
        int asid = -1;
        int mmId = 0;
        TableShadow? leaf = null;
        foreach (ref readonly TlbEntryInfo info in infos)
        {
            if (info.Asid != asid)
            {
                asid = info.Asid;
                leaf = null;
                if (!OwnerOf(cpu, asid, out mmId))
                {
                    ledger.Suspect();
                    return;
                }
            }

            if (mmId == 0)
                continue;
            if (IsStale(in info, mmId, ref leaf) && !IsExcused(cpu, mmId, in info))
            {
                ledger.Suspect();
                return;
            }
        }
    }

    private bool IsStale(in TlbEntryInfo info, int mmId, ref TableShadow? leaf)
    {
        ulong entry = spaces.EntryOf(mmId, info.Vpn << pageShift, ref leaf);
        if (info.Level == TlbLevel.WalkCache)
            return leaf is null || leaf.Pfn != info.Pfn;
        return (entry & format.Present) == 0 || format.PfnOf(entry) != info.Pfn
            || (info.Write && (entry & format.Write) == 0) || (info.Exec && (entry & format.NoExec) != 0);
    }

    // What disagrees is allowed for as long as an invalidation is on its way, if the frame is not in use for other
    // things yet.
    private bool IsExcused(int cpu, int mmId, in TlbEntryInfo info)
    {
        if (info.Pfn >= ledger.FrameCount)
            return false;
        FramePlace place = ledger[info.Pfn].Place;
        bool isTable = place == FramePlace.PageTable;
        if (info.Level == TlbLevel.WalkCache
            ? !isTable && place != FramePlace.Isolated
            : isTable || place <= FramePlace.PerCpuList)
            return false;
        foreach (ref PendingInvalidationRecord pending in snapshot.Pending.Items)
        {
            if (pending.Cpu == cpu && pending.MmId == mmId && info.Vpn >= pending.FirstVpn
                && info.Vpn - pending.FirstVpn < pending.PageCount)
                return true;
        }

        return false;
    }

    // The address space that an identifier stands for; 0 if its entries will be flushed before they are used.
    private bool OwnerOf(int cpu, int asid, out int mmId)
    {
        mmId = 0;
        foreach (ref AsidRecord row in snapshot.Asids.Items)
        {
            if (row.Cpu != cpu || row.Asid != asid)
                continue;
            int loaded = snapshot.Cpus[cpu].CurrentMmId;
            foreach (ref MmRecord mm in snapshot.Mms.Items)
            {
                if (mm.MmId == row.MmId && (loaded == mm.MmId || row.LocalGen >= mm.TlbGen))
                    mmId = mm.MmId;
            }

            return true;
        }

        return false;
    }
}
