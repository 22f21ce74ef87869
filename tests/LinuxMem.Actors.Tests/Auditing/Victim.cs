using LinuxMem.Actors.Kernel;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Actors.Tests.Auditing;

/// <summary>A machine that stands still for its audit, with hands on what can be damaged.</summary>
internal sealed class Victim(DirectMachine machine)
{
    public DirectMachine Machine { get; } = machine;

    public LoopInsides Insides => Machine.Insides;

    public KernelMemory Memory => Insides.Kernel.Memory;

    public PteFormat Format => Memory.Geometry.Format;

    /// <summary>Whether every process has ended and nothing is under way.</summary>
    public bool Ended => Insides.Kernel.Tasks.LiveTasks == 0 && Insides.Conductor.Events.Count == 0;

    /// <summary>The first mapped page that will do.</summary>
    public bool FindPage(Func<MappedPage, bool> wanted, out MappedPage found)
    {
        foreach (Mm.Mm mm in Insides.Kernel.Lifecycle.Live)
        {
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = mm.Vmas.Tree.Next(vma))
            {
                for (ulong va = vma.Start; va < vma.End; va += Memory.Geometry.PageBytes)
                {
                    PteSlot slot = Memory.Tables.Find(mm, va);
                    ulong entry = slot.Exists ? Memory.Tables.Read(slot) : 0;
                    found = new MappedPage(mm, vma, va, slot, entry, new Pfn(Format.PfnOf(entry)));
                    if (entry != 0 && wanted(found))
                        return true;
                }
            }
        }

        found = default;
        return false;
    }

    public bool FindAnon(out MappedPage page) =>
        FindPage(p => FrameOf(p.Pfn).Place == FramePlace.Anon && FrameOf(p.Pfn).MapCount == 1, out page);

    /// <summary>A page that a CPU's first-level TLB translates.</summary>
    public bool FindCached(Func<MappedPage, TlbEntryInfo, bool> wanted, out MappedPage page)
    {
        var entries = new List<TlbEntryInfo>();
        foreach (CpuState cpu in Insides.Cpus)
        {
            entries.Clear();
            cpu.Slot.Mmu.ExportEntries(entries);
            if (cpu.Slot.Tlb.Pending.Count > 0 || cpu.Slot.Tlb.Deferred.Count > 0)
                continue;
            foreach (TlbEntryInfo entry in entries)
            {
                ulong va = entry.Vpn << Memory.Geometry.PageShift;
                Mm.Mm? mm = cpu.Slot.Tlb.MmOf(entry.Asid);
                if (entry.Level == TlbLevel.L1Data && mm is not null
                    && FindPage(p => p.Mm == mm && p.Va == va && wanted(p, entry), out page))
                    return true;
            }
        }

        page = default;
        return false;
    }

    public ref PageFrame FrameOf(Pfn pfn) => ref Memory.Map[pfn];

    /// <summary>The first frame of a free block of at least an order.</summary>
    public bool FindFreeBlock(int order, out Pfn found)
    {
        Pfn first = default;
        Memory.Allocator.VisitFreeBlocks((_, blockOrder, _, pfn) =>
        {
            if (blockOrder.Value >= order && blockOrder.Value < Order.MaxValue)
                first = pfn;
        });
        found = first;
        return !first.IsNone;
    }

    public void Write(MappedPage page, ulong entry) => Memory.Tables.Write(page.Slot, entry);
}

/// <summary>A mapped page.</summary>
internal readonly record struct MappedPage(Mm.Mm Mm, Vma Vma, ulong Va, PteSlot Slot, ulong Entry, Pfn Pfn);
