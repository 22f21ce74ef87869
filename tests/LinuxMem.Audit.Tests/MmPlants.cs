using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>Planted bugs of address spaces: copy-on-write, VMAs, page tables and their counters.</summary>
internal static class MmPlants
{
    private const ulong Data = SampleMachine.Data;
    private const ulong CowVa = Data + (8 * 0x1000);
    private const ulong ZeroVa = Data + (9 * 0x1000);
    private const ulong ReadOnlyVa = Data + (10 * 0x1000);

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("fork left a shared page writable", "I14", s => s.Pte(1, CowVa).Bits |= PteBits.Write),
        new("a private page is writable, but not exclusive", "I14",
            s => s.FrameOf(s.Pte(1, Data).Pfn).Flags &= ~FrameFlags.AnonExclusive),
        new("a shared page is flagged exclusive", "I14",
            s => s.FrameOf(s.Pte(1, CowVa).Pfn).Flags |= FrameFlags.AnonExclusive),
        new("the zero page is writable", "I14", s => s.Pte(2, ZeroVa).Bits |= PteBits.Write),

        new("a VMA is not aligned", "I21 I27", s => s.Vmas[5].Start += 8),
        new("a VMA overlaps the one before", "I21", s =>
        {
            s.Vmas[2].Start -= 0x1000;
            s.Vmas[2].PgOff--;
            s.Mms[0].TotalVmPages++;
        }),
        new("a VMA lies below the lowest address", "I21", s => s.Mms[0].Lowest = SampleMachine.Text + 0x1000),
        new("a VMA reaches beyond the user's range", "I21", s => s.Mms[1].TaskSize = SampleMachine.StackTop - 0x1000),
        new("the count of VMAs is off", "I21", s => s.Mms[0].MapCountCounter--),
        new("total_vm is off", "I21", s => s.Mms[1].TotalVmPages++),
        new("data_vm is off", "I21", s => s.Mms[1].DataVmPages++),
        new("stack_vm counts a page as code", "I21", s =>
        {
            s.Mms[0].StackVmPages--;
            s.Mms[0].ExecVmPages++;
        }),
        new("locked_vm is off", "I21", s => s.Mms[1].LockedVmPages++),

        new("mprotect did not merge", "I22", s => SplitVma(s, forked: false)),
        new("neighbours with no anon_vma and one are not merged", "I22", s =>
        {
            SplitVma(s, forked: false);
            s.Vmas[3].AnonVmaId = 0;
        }),
        new("a child's anon_vma bars a merge with none", "", s =>
        {
            SplitVma(s, forked: true);
            s.Vmas[3].AnonVmaId = 0;
        }),
        new("different anon_vmas bar a merge", "", s =>
        {
            SplitVma(s, forked: false);
            s.Vmas[3].AnonVmaId = 77;
        }),
        new("a gap in the object's pages bars a merge", "", s =>
        {
            SplitVma(s, forked: false);
            s.Vmas[3].PgOff++;
        }),
        new("a special VMA is never merged", "", s =>
        {
            SplitVma(s, forked: false);
            s.Vmas[2].Flags |= (VmaFlags)0x40000;
            s.Vmas[3].Flags |= (VmaFlags)0x40000;
        }),

        new("a page is mapped where no VMA is", "I23", s =>
        {
            s.DropTlbEntry(0, SampleMachine.SharedAt + 0x3000);
            s.Pte(1, SampleMachine.SharedAt + 0x3000).Va += 0x1000;
        }),
        new("an entry allows more than its VMA", "I23", s => s.Pte(1, ReadOnlyVa).Bits |= PteBits.Write),
        new("an entry allows execution that its VMA forbids", "I23", s => s.Pte(1, ReadOnlyVa).Bits &= ~PteBits.NoExec),
        new("an entry of a page that may not be accessed is present", "I23",
            s => s.Pte(1, SampleMachine.NoAccess).Bits = PteBits.User | PteBits.NoExec),
        new("an entry is not for user mode", "I23", s => s.Pte(1, ReadOnlyVa).Bits &= ~PteBits.User),
        new("a private mapping of a file is writable", "I23 I27", s =>
        {
            s.Vmas[0].Flags |= VmaFlags.Write;
            s.Pte(1, SampleMachine.Text).Bits |= PteBits.Write;
        }),
        new("the wrong page of a file is mapped", "I23", s => s.FrameOf(s.Pte(1, SampleMachine.Text).Pfn).Index = 4),
        new("a page of another object is mapped", "I23", s => s.Vmas[4].MappingId = 3),
        new("the zero page is mapped as if it were any", "I01 I10 I11 I23",
            s => s.Pte(1, ZeroVa).Bits &= ~PteBits.ZeroPage),
        new("a kernel frame is mapped as if it were the zero page", "I23", s =>
        {
            s.DropTlbEntry(0, ZeroVa);
            s.Pte(1, ZeroVa).Pfn = 2;
        }),
        new("a shared mapping has a private page", "I13 I22 I23 I27", s =>
        {
            s.Vmas[1].Flags |= VmaFlags.Shared;
            s.Vmas[2].Flags = s.Vmas[1].Flags;
        }),

        new("a table counts its entries wrongly", "I24", s => s.Tables[3].UsedEntries++),
        new("a table hangs on a frame that is no table", "I24", s => s.Tables[3].ParentPfn = 2),
        new("a table hangs on another process's", "I24", s => s.Tables[1].ParentPfn = s.Mms[1].RootPfn),
        new("a table skips a level", "I24", s => s.Tables[3].ParentPfn = s.Tables[1].Pfn),
        new("two processes have the same table", "I01 I10 I15 I24", ShareTable),
        new("a table is left where no VMA is", "I24 I28 I30", LeakTable),
        new("the counter of tables is off", "I24", s => s.Mms[0].PageTablePagesCounter--),
        new("the root is another", "I24", s => s.Mms[0].RootPfn = 2),
        new("a process that has ended has page tables", "I19 I24 I26", s => s.Mms[0].Users = 0),

        new("a private page is counted as a file's", "I26", s =>
        {
            s.Mms[0].RssAnon--;
            s.Mms[0].RssFile++;
        }),
        new("a shared memory page is not counted", "I26", s => s.Mms[1].RssShmem--),
        new("reverse mapping misses an entry", "I12", s => s.FrameOf(s.Pte(1, SampleMachine.Data).Pfn).RmapCount--),
        new("a page in swap is not counted", "I26", s => s.Mms[0].SwapEntries--),

        new("the swap map counts an entry too many", "I31", s => s.SwapSlots[0].Count++),
        new("an entry names a slot that is free", "I31", s => s.SwapPtes[0].Slot = 77),
        new("a frame says that it is in the swap cache, which does not have it", "I10 I31",
            s => s.FrameOf(s.Pte(1, SampleMachine.Data).Pfn).Flags |= FrameFlags.SwapCached),
        new("the swap map does not know that a slot is cached", "I31", s => s.SwapSlots[1].IsCached = false),
        new("a slot is lost", "I32", s => s.SwapFree--),
        new("a slot that nobody needs is in use", "I32", s =>
        {
            s.SwapSlots.Add(new SwapSlotRecord { Area = 0, Slot = 9 });
            s.SwapFree--;
        }),
        new("a page of the swap cache is not what was written", "I33", s => s.SwapSlots[1].HoldsTheSame = false),
        new("a page that others have in swap belongs to one process", "I34", s =>
        {
            s.FrameOf(s.SwapSlots[1].Pfn).Flags &= ~FrameFlags.SwapCached;
            ref FrameRecord frame = ref s.FrameOf(s.Pte(1, SampleMachine.Data).Pfn);
            s.SwapSlots[1].Pfn = frame.Pfn;
            s.SwapSlots[1].IsClean = false;
            frame.Flags |= FrameFlags.SwapCached;
            frame.RefCount++;
            frame.ExtraRefs++;
        }),
    ];

    /// <summary>Splits the read-only VMA behind the data of mm 1 in two that differ in nothing.</summary>
    private static void SplitVma(MachineSnapshot s, bool forked)
    {
        VmaRecord upper = s.Vmas[2];
        s.Vmas[2].End = upper.End -= 0x1000;
        s.Vmas[2].ForkedAnonVma = forked;
        upper.Start = upper.End;
        upper.End += 0x1000;
        upper.PgOff++;
        s.Vmas.InsertAt(3, upper);
        s.Mms[0].MapCountCounter++;
    }

    private static void ShareTable(MachineSnapshot s)
    {
        int last = s.Tables.Count - 1;
        for (int i = last; s.Tables[i].MmId == 2; i--)
            last = i;
        int leaf = Enumerable.Range(0, last).First(i => s.Tables[i].Level == 0);
        int other = Enumerable.Range(last, s.Tables.Count - last).First(i => s.Tables[i].Level == 0);
        s.Tables[other].Pfn = s.Tables[leaf].Pfn;
    }

    /// <summary>
    /// munmap of the pages that may not be accessed forgets the leaf table, which no other VMA needs.
    /// </summary>
    private static void LeakTable(MachineSnapshot s)
    {
        int leaf = Enumerable.Range(0, s.Tables.Count).First(i => s.Tables[i].StartVa == SampleMachine.NoAccess);
        int pte = Enumerable.Range(0, s.Ptes.Count).First(i => s.Ptes[i].Va == SampleMachine.NoAccess);
        uint pfn = s.Ptes[pte].Pfn;
        s.Ptes.RemoveAt(pte);
        s.Tables[leaf].UsedEntries = 0;
        s.Mms[0].RssAnon--;
        s.Mms[0].MapCountCounter--;
        s.Mms[0].TotalVmPages -= 2;
        s.Vmas.RemoveAt(3);
        s.FrameOf(pfn) = new FrameRecord { Pfn = pfn, Place = FramePlace.PerCpuList };
        s.PcpPages.Add(new PcpPageRecord { Cpu = 0, ZoneIndex = s.PcpLists[0].ZoneIndex, Pfn = pfn });
        s.PcpLists[0].CountCounter++;
    }
}
