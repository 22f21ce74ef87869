using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>
/// A healthy machine, made up by hand: CPUs, address spaces that share a file, an object and a copy-on-write page,
/// page tables, per-CPU lists, free blocks, TLBs with live and dead rows. With `busy` also an unmap under way.
/// </summary>
internal sealed class SampleMachine
{
    public const ulong Text = 0x40_0000;
    public const ulong Data = 0x60_0000;
    public const ulong NoAccess = 0x1000_0000;
    public const ulong SharedAt = 0x7f00_0000_0000;
    public const ulong StackTop = 0x7fff_f000_0000;
    public const uint ZeroPagePfn = 1;
    private const int Shift = 12;
    private const ulong Page = 1UL << Shift;
    private const ulong TaskSize = 0x7fff_ffff_f000;

    private readonly SortedDictionary<uint, FrameRecord> frames = [];
    private readonly Dictionary<uint, int> mapped = [];
    private readonly uint totalFrames;
    private readonly int anonPages;
    private readonly int sharedPages;
    private uint nextPfn;

    private SampleMachine(uint totalFrames, int anonPages, int sharedPages)
    {
        this.totalFrames = totalFrames;
        this.anonPages = anonPages;
        this.sharedPages = sharedPages;
    }

    public MachineSnapshot Snapshot { get; } = new();

    public static MachineSnapshot Small(bool busy = false) => Build(4096, 2, 2, 8, 4, 64, busy);

    public static MachineSnapshot Build(
        uint totalFrames, int cpus, int mms, int anonPages, int sharedPages, int tlbPerCpu, bool busy)
    {
        SampleMachine machine = new(totalFrames, anonPages, sharedPages);
        machine.AddKernelAndObjects();
        uint cowPfn = machine.Take(FramePlace.Anon, FrameFlags.None, 0);
        for (int mm = 1; mm <= mms; mm++)
            machine.AddMm(mm, cowPfn);
        machine.AddCpus(cpus, mms, tlbPerCpu);
        if (busy)
            machine.AddUnmapUnderWay();
        machine.AddFree(cpus);
        machine.Finish(busy);
        return machine.Snapshot;
    }

    private uint Take(FramePlace place, FrameFlags flags, int extraRefs, int owner = 0, uint index = 0)
    {
        uint pfn = nextPfn++;
        frames[pfn] = new FrameRecord
        {
            Pfn = pfn,
            Place = place,
            Flags = flags,
            ExtraRefs = extraRefs,
            Owner = owner,
            Index = index,
        };
        return pfn;
    }

    private void AddKernelAndObjects()
    {
        Take(FramePlace.Reserved, FrameFlags.Reserved, 1);
        Take(FramePlace.Kernel, FrameFlags.ZeroPage, 1);
        Take(FramePlace.Kernel, FrameFlags.None, 1);
        // Object 1 is a file with one page more than is mapped, object 2 shared memory.
        AddObject(1, FramePlace.File, 5);
        AddObject(2, FramePlace.Shmem, sharedPages);
        AddSwap();
    }

    private void AddObject(int id, FramePlace place, int pages)
    {
        for (uint i = 0; i < pages; i++)
        {
            uint pfn = Take(place, FrameFlags.None, 1, id, i);
            Snapshot.CachePages.Add(new CachePageRecord { MappingId = id, Index = i, Pfn = pfn });
        }
    }

    // Two pages of mm 1 are in swap; the second one is in the swap cache too.
    private void AddSwap()
    {
        uint pfn = Take(FramePlace.SwapCache, FrameFlags.SwapCached, 1);
        Snapshot.SwapTotal = 10;
        Snapshot.SwapFree = 8;
        Snapshot.SwapSlots.Add(new SwapSlotRecord { Slot = 1, Count = 1 });
        Snapshot.SwapSlots.Add(new SwapSlotRecord
        {
            Slot = 2,
            Count = 1,
            IsCached = true,
            Pfn = pfn,
            IsClean = true,
            HoldsTheSame = true,
        });
        Snapshot.SwapPtes.Add(new SwapPteRecord { MmId = 1, Va = Data + (1 << 20), Slot = 1 });
        Snapshot.SwapPtes.Add(new SwapPteRecord { MmId = 1, Va = Data + (2 << 20), Slot = 2 });
    }

    private void AddMm(int mm, uint cowPfn)
    {
        int firstPte = Snapshot.Ptes.Count;
        int firstVma = Snapshot.Vmas.Count;
        const PteBits readOnly = PteBits.User | PteBits.Accessed;
        for (uint i = 0; i < 4; i++)
            Map(mm, Text + (i * Page), CachePfn(1, i), readOnly);
        ulong va = Data;
        for (int i = 0; i < anonPages; i++, va += Page)
            MapExclusive(mm, va, readOnly | PteBits.NoExec | PteBits.Write | PteBits.Dirty);
        Map(mm, va, cowPfn, readOnly | PteBits.NoExec);
        Map(mm, va + Page, ZeroPagePfn, readOnly | PteBits.NoExec | PteBits.ZeroPage);
        ulong dataEnd = va + (2 * Page);
        MapExclusive(mm, dataEnd, readOnly | PteBits.NoExec);
        MapExclusive(mm, NoAccess, PteBits.ProtNone | PteBits.Accessed);
        for (uint i = 0; i < sharedPages; i++)
            Map(mm, SharedAt + (i * Page), CachePfn(2, i), readOnly | PteBits.NoExec | PteBits.Write);
        MapExclusive(mm, StackTop - Page, readOnly | PteBits.NoExec | PteBits.Write | PteBits.Dirty);

        const VmaFlags rw = VmaFlags.Read | VmaFlags.Write;
        AddVma(mm, Text, Text + (4 * Page), VmaFlags.Read | VmaFlags.Exec, 0, 1, 0, null);
        AddVma(mm, Data, dataEnd, rw | VmaFlags.Account, Data >> Shift, 0, 10 + mm, null);
        AddVma(mm, dataEnd, dataEnd + (2 * Page), VmaFlags.Read, dataEnd >> Shift, 0, 10 + mm, null);
        AddVma(mm, NoAccess, NoAccess + (2 * Page), VmaFlags.None, NoAccess >> Shift, 0, 20 + mm, null);
        AddVma(mm, SharedAt, SharedAt + ((ulong)sharedPages * Page), rw | VmaFlags.Shared, 0, 2, 0, null);
        const VmaFlags stack = rw | VmaFlags.GrowsDown | VmaFlags.Account;
        AddVma(mm, StackTop - (8 * Page), StackTop, stack, 7, 0, 30 + mm, "[stack]");
        FinishMm(mm, firstPte, firstVma);
    }

    private uint CachePfn(int mapping, uint index)
    {
        foreach (ref CachePageRecord page in Snapshot.CachePages.Items)
        {
            if (page.MappingId == mapping && page.Index == index)
                return page.Pfn;
        }

        throw new InvalidOperationException("no such page");
    }

    private void MapExclusive(int mm, ulong va, PteBits bits) =>
        Map(mm, va, Take(FramePlace.Anon, FrameFlags.AnonExclusive, 0), bits);

    private void Map(int mm, ulong va, uint pfn, PteBits bits)
    {
        Snapshot.Ptes.Add(new PteRecord { MmId = mm, Va = va, Pfn = pfn, Bits = bits });
        if ((bits & PteBits.ZeroPage) == 0)
            mapped[pfn] = mapped.GetValueOrDefault(pfn) + 1;
    }

    private void AddVma(
        int mm, ulong start, ulong end, VmaFlags flags, ulong pgOff, int mapping, int anonVma, string? name) =>
        Snapshot.Vmas.Add(new VmaRecord
        {
            MmId = mm,
            Start = start,
            End = end,
            Flags = flags,
            PgOff = pgOff,
            MappingId = mapping,
            AnonVmaId = anonVma,
            Name = name,
        });

    private void FinishMm(int mm, int firstPte, int firstVma)
    {
        Span<PteRecord> ptes = Snapshot.Ptes.Items[firstPte..];
        int firstTable = Snapshot.Tables.Count;
        uint root = Take(FramePlace.PageTable, FrameFlags.None, 1);
        AddTables(mm, root, 3, 0, 0, ptes);
        long pages = 0;
        foreach (ref VmaRecord vma in Snapshot.Vmas.Items[firstVma..])
            pages += (long)((vma.End - vma.Start) >> Shift);
        Snapshot.Mms.Add(new MmRecord
        {
            MmId = mm,
            RootPfn = root,
            PageShift = Shift,
            Lowest = 0x10000,
            TaskSize = TaskSize,
            Users = 1,
            MapCountCounter = Snapshot.Vmas.Count - firstVma,
            TotalVmPages = pages,
            RssAnon = anonPages + 4,
            RssFile = 4,
            RssShmem = sharedPages,
            SwapEntries = mm == 1 ? 2 : 0,
            PageTablePagesCounter = Snapshot.Tables.Count - firstTable - 1,
            TlbGen = 5,
        });
    }

    /// <summary>Adds a table and, below it in ascending order, those that the entries call for.</summary>
    private void AddTables(int mm, uint pfn, int level, uint parent, ulong start, Span<PteRecord> ptes)
    {
        int childShift = Shift + (9 * level);
        int used = 0;
        ulong last = ulong.MaxValue;
        foreach (ref PteRecord pte in ptes)
        {
            used += pte.Va >> childShift != last ? 1 : 0;
            last = pte.Va >> childShift;
        }

        Snapshot.Tables.Add(new TableRecord
        {
            MmId = mm,
            Pfn = pfn,
            Level = level,
            ParentPfn = parent,
            UsedEntries = used,
            StartVa = start,
            EndVa = start + (1UL << (childShift + 9)),
        });
        for (int at = 0; level > 0 && at < ptes.Length;)
        {
            ulong prefix = ptes[at].Va >> childShift;
            int end = at;
            while (end < ptes.Length && ptes[end].Va >> childShift == prefix)
                end++;
            uint child = Take(FramePlace.PageTable, FrameFlags.None, 1);
            AddTables(mm, child, level - 1, pfn, prefix << childShift, ptes[at..end]);
            at = end;
        }
    }

    private void AddCpus(int cpus, int mms, int tlbPerCpu)
    {
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            int mm = (cpu % mms) + 1;
            int other = (mm % mms) + 1;
            Snapshot.Cpus.Add(new CpuRecord { Cpu = cpu, CurrentMmId = mm, ClockNs = 900, PreviousClockNs = 800 });
            Snapshot.Asids.Add(new AsidRecord { Cpu = cpu, Asid = 1, MmId = mm, LocalGen = 5 });
            Snapshot.Asids.Add(new AsidRecord { Cpu = cpu, Asid = 2, MmId = other, LocalGen = 4 });
            Snapshot.Asids.Add(new AsidRecord { Cpu = cpu, Asid = 3, MmId = 999, LocalGen = 1 });
            FillTlb(cpu, mm, tlbPerCpu);
            // Dead rows: behind and not loaded; gone. What their entries name may be free by now.
            AddTlb(cpu, 2, Data >> Shift, totalFrames - 1, TlbLevel.L2, PteBits.Write);
            AddTlb(cpu, 3, Data >> Shift, totalFrames - 2, TlbLevel.L2, PteBits.Write);
        }
    }

    private void FillTlb(int cpu, int mm, int entries)
    {
        int left = entries;
        foreach (ref PteRecord pte in Snapshot.Ptes.Items)
        {
            if (pte.MmId != mm || (pte.Bits & PteBits.ProtNone) != 0 || left-- <= 0)
                continue;
            TlbLevel level = (pte.Bits & PteBits.NoExec) == 0 ? TlbLevel.L1Code : TlbLevel.L1Data;
            AddTlb(cpu, 1, pte.Va >> Shift, pte.Pfn, level, pte.Bits);
        }

        foreach (ref TableRecord table in Snapshot.Tables.Items)
        {
            if (table.MmId == mm && table.Level == 0)
                AddTlb(cpu, 1, (table.StartVa >> Shift) + 3, table.Pfn, TlbLevel.WalkCache, PteBits.NoExec);
        }
    }

    private void AddTlb(int cpu, int asid, ulong vpn, uint pfn, TlbLevel level, PteBits bits) =>
        Snapshot.Tlb.Add(new TlbRecord
        {
            Cpu = cpu,
            Asid = asid,
            Vpn = vpn,
            Pfn = pfn,
            Level = level,
            Write = (bits & PteBits.Write) != 0,
            Exec = (bits & PteBits.NoExec) == 0,
            Dirty = (bits & PteBits.Dirty) != 0,
        });

    /// <summary>
    /// CPU 0 has unmapped a page of mm 1 next to the stack's; CPU 1 is to run it too, and must be told first.
    /// </summary>
    private void AddUnmapUnderWay()
    {
        uint pfn = Take(FramePlace.Isolated, FrameFlags.None, 1);
        ulong vpn = (StackTop - (2 * Page)) >> Shift;
        Snapshot.Mms[0].TlbGen = 6;
        Snapshot.Cpus[1].CurrentMmId = 1;
        Snapshot.Asids[0].LocalGen = 6;
        Snapshot.Asids[4].LocalGen = 5;
        Snapshot.Tlb.Items[^2].Vpn = vpn;
        Snapshot.Tlb.Items[^2].Pfn = pfn;
        Snapshot.Parked.Add(new ParkedFrameRecord { Pfn = pfn, MmId = 1, Gen = 6 });
        Snapshot.Pending.Add(new PendingInvalidationRecord
        {
            Cpu = 1,
            Asid = Snapshot.Asids[4].Asid,
            MmId = 1,
            FirstVpn = vpn,
            PageCount = 1,
            Gen = 6,
            ArrivalNs = 1100,
        });
    }

    private void AddFree(int cpus)
    {
        uint border = totalFrames / 4;
        Snapshot.Zones.Add(new ZoneRecord { Name = "DMA", StartPfn = 0, EndPfn = border, ManagedPages = border - 1 });
        Snapshot.Zones.Add(new ZoneRecord { Name = "DMA32", StartPfn = border, EndPfn = totalFrames });
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            int zone = nextPfn < border ? 0 : 1;
            Snapshot.PcpLists.Add(
                new PcpListRecord { Cpu = cpu, ZoneIndex = zone, CountCounter = 3, High = 12, Batch = 4 });
            for (int i = 0; i < 3; i++)
            {
                Snapshot.PcpPages.Add(
                    new PcpPageRecord { Cpu = cpu, ZoneIndex = zone, Pfn = Take(FramePlace.PerCpuList, 0, 0) });
            }
        }

        while (nextPfn < totalFrames)
        {
            int order = 0;
            while (order < 10 && (nextPfn & ((2u << order) - 1)) == 0 && nextPfn + (2u << order) <= totalFrames)
                order++;
            AddFreeBlock(nextPfn < border ? 0 : 1, order, type: order & 1);
        }
    }

    private void AddFreeBlock(int zone, int order, int type)
    {
        uint pfn = Take(FramePlace.BuddyHead, FrameFlags.None, 0);
        nextPfn = pfn + (1u << order);
        frames[pfn] = frames[pfn] with { Order = (byte)order };
        Snapshot.FreeBlocks.Add(new FreeBlockRecord { ZoneIndex = zone, Order = order, MigrateType = type, Pfn = pfn });
        Snapshot.Zones[zone].NrFreeCounter += 1L << order;
        foreach (ref FreeCounterRecord counter in Snapshot.FreeCounters.Items)
        {
            if (counter.ZoneIndex == zone && counter.Order == order && counter.MigrateType == type)
            {
                counter.Count++;
                return;
            }
        }

        Snapshot.FreeCounters.Add(
            new FreeCounterRecord { ZoneIndex = zone, Order = order, MigrateType = type, Count = 1 });
    }

    private void Finish(bool busy)
    {
        foreach (FrameRecord frame in frames.Values)
        {
            ref FrameRecord record = ref Snapshot.Frames.Append();
            record = frame;
            record.MapCount = record.RmapCount = mapped.GetValueOrDefault(frame.Pfn);
            record.RefCount = record.MapCount + record.ExtraRefs;
        }

        SamplePressure.Add(Snapshot, totalFrames);

        Snapshot.TotalFrames = totalFrames;
        Snapshot.InitialFrames = totalFrames;
        Snapshot.Channels.Add(new ChannelRecord { Name = "cpu to kernel", Sent = 10, Delivered = 10 });
        Snapshot.Channels.Add(
            new ChannelRecord { Name = "kernel to cpu", Sent = 9, Duplicated = 2, Delivered = 8, Dropped = 3 });
        Snapshot.Engine = new EngineRecord
        {
            VirtualNs = 1000,
            PreviousVirtualNs = 900,
            EventOrdinal = 70,
            PreviousEventOrdinal = 60,
            Quiescent = !busy,
            RequestsIssued = 20,
            RequestsCompleted = busy ? 18 : 20,
            RequestsInFlight = busy ? 2 : 0,
        };
    }
}
