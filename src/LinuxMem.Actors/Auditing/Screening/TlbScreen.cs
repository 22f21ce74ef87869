using System.Runtime.InteropServices;
using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using FramePlace = LinuxMem.Mm.MemMaps.FramePlace;
using TlbLevel = LinuxMem.Arch.Tlbs.TlbLevel;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>Looks at the TLBs (I15 to I17, I20, and of I19 that every entry stands for something).</summary>
internal sealed class TlbScreen(FrameLedger ledger, SpaceScreen spaces, KernelMemory memory, CpuState[] cpus)
{
    private const int NoOwner = -1;
    private const int DeadOwner = 0;
    private const int LostPagesMax = 32;
    private readonly PteFormat format = memory.Geometry.Format;
    private readonly int pageShift = memory.Geometry.PageShift;
    private readonly List<TlbEntryInfo> entries = [];
    private readonly TlbShadow[] shadows = NewShadows(cpus.Length);
    private readonly int[][] owners = NewOwners(cpus.Length, memory.Settings.Tlb.AsidCount);
    private int[] ownersNow = new int[memory.Settings.Tlb.AsidCount];
    private MachineSnapshot snapshot = new();
    private bool hadPending = true;

    /// <summary>Forgets everything.</summary>
    public void Forget()
    {
        hadPending = true;
        foreach (int[] known in owners)
            Array.Fill(known, NoOwner);
    }

    /// <summary>
    /// Looks at the entries that have changed. At all entries of a CPU that holds a page whose entry in the page tables
    /// has changed, or one of whose identifiers got another meaning; at all of every CPU where a page table was taken
    /// away, and for as long as invalidations excuse what disagrees. Precondition: the snapshot has address spaces,
    /// CPUs, identifiers and invalidations, and the page tables were looked at.
    /// </summary>
    public void Look(MachineSnapshot now)
    {
        snapshot = now;
        bool pending = now.Pending.Count > 0;
        bool all = spaces.HasLostTables || spaces.LostPages.Count > LostPagesMax || pending || hadPending;
        hadPending = pending;
        for (int cpu = 0; cpu < cpus.Length && !ledger.IsSuspect; cpu++)
        {
            FindOwners(cpu);
            bool sameOwners = ownersNow.AsSpan().SequenceEqual(owners[cpu]);
            (owners[cpu], ownersNow) = (ownersNow, owners[cpu]);
            entries.Clear();
            cpus[cpu].Slot.Mmu.ExportChanges(shadows[cpu], entries);
            if (all || !sameOwners || HoldsLost(cpu))
            {
                entries.Clear();
                cpus[cpu].Slot.Mmu.ExportEntries(entries);
            }

            LookAt(cpu, CollectionsMarshal.AsSpan(entries));
        }
    }

    private bool HoldsLost(int cpu)
    {
        foreach (LostPage page in spaces.LostPages)
        {
            int asid = owners[cpu].AsSpan().IndexOf(page.MmId);
            if (asid >= 0 && cpus[cpu].Slot.Mmu.Holds((ushort)asid, page.Va))
                return true;
        }

        return false;
    }

    private static TlbShadow[] NewShadows(int count)
    {
        var made = new TlbShadow[count];
        for (int i = 0; i < count; i++)
            made[i] = new TlbShadow();
        return made;
    }

    private static int[][] NewOwners(int count, int asidCount)
    {
        var made = new int[count][];
        for (int i = 0; i < count; i++)
        {
            made[i] = new int[asidCount];
            Array.Fill(made[i], NoOwner);
        }

        return made;
    }

    private void LookAt(int cpu, ReadOnlySpan<TlbEntryInfo> infos)
    {
        int[] known = owners[cpu];
        int asid = -1;
        SpaceShadow? space = null;
        foreach (ref readonly TlbEntryInfo info in infos)
        {
            // Neighbouring entries are mostly of one identifier.
            if (info.Asid != asid)
            {
                asid = info.Asid;
                int owner = known[asid];
                if (owner == NoOwner)
                {
                    ledger.Suspect();
                    return;
                }

                space = owner == DeadOwner ? null : spaces.Find(owner);
            }

            if (space is not null && IsStale(cpu, in info, space) && !IsExcused(cpu, known[asid], in info))
            {
                ledger.Suspect();
                return;
            }
        }
    }

    private bool IsStale(int cpu, in TlbEntryInfo info, SpaceShadow space)
    {
        ulong va = info.Vpn << pageShift;
        TableShadow? leaf = space.LeafOf(va);
        if (leaf is null || va < leaf.StartVa || va > leaf.LastVa)
            return true;
        if (info.Level == TlbLevel.WalkCache)
            return leaf.Pfn != info.Pfn;
        ulong entry = leaf.EntryAt((int)((va - leaf.StartVa) >> leaf.Shift), format.EntryBytes);
        return (entry & format.Present) == 0 || format.PfnOf(entry) != info.Pfn
            || (info.Dirty && (entry & format.Dirty) == 0 && !cpus[cpu].Slot.Mmu.Bits.HasStoreTo(info.Pfn))
            || (info.Write && (entry & format.Write) == 0)
            || (info.Exec && (entry & format.NoExec) != 0);
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

    // What each identifier stands for. Entries of an address space that will be flushed before they are used are dead.
    private void FindOwners(int cpu)
    {
        Array.Fill(ownersNow, NoOwner);
        int loaded = snapshot.Cpus[cpu].CurrentMmId;
        foreach (ref AsidRecord row in snapshot.Asids.Items)
        {
            if (row.Cpu != cpu)
                continue;
            int owner = DeadOwner;
            foreach (ref MmRecord mm in snapshot.Mms.Items)
            {
                if (mm.MmId == row.MmId && (loaded == mm.MmId || row.LocalGen >= mm.TlbGen))
                    owner = mm.MmId;
            }

            ownersNow[row.Asid] = owner;
        }
    }
}
