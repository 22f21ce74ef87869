using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

/// <summary>Planted bugs of TLBs, shootdowns and the engine.</summary>
internal static class EnginePlants
{
    private const ulong Data = SampleMachine.Data;
    private const ulong CowVa = Data + (8 * 0x1000);
    private const ulong UnmappedVa = SampleMachine.StackTop - 0x2000;

    public static IReadOnlyList<Plant> All { get; } =
    [
        new("a TLB names another page's frame", "I15", s => s.TlbEntry(0, Data).Pfn = s.Pte(1, Data + 0x1000).Pfn),
        new("a TLB has an entry where nothing is mapped", "I15", s => s.TlbEntry(0, Data).Vpn = UnmappedVa >> 12),
        new("a TLB has an entry for a page that may not be accessed", "I15", s =>
        {
            s.TlbEntry(0, Data).Pfn = s.Pte(1, SampleMachine.NoAccess).Pfn;
            s.TlbEntry(0, Data).Vpn = SampleMachine.NoAccess >> 12;
        }),
        new("a walk cache names another table", "I15", s => s.WalkCacheEntry().Pfn = s.Mms[1].RootPfn),
        new("an identifier was given to another process without a flush", "I15", s =>
        {
            s.TlbEntry(0, Data, asid: 2).Pfn = s.Pte(1, Data).Pfn;
            s.Asids[1].LocalGen = 5;
        }),
        new("the invalidation covers the wrong page", "I15", s => s.Pending[0].FirstVpn++, Busy: true),

        new("mprotect did not tell a TLB that stores are over", "I16", s => s.TlbEntry(0, CowVa).Write = true),
        new("a TLB lets code run that may not", "I16", s => s.TlbEntry(0, Data).Exec = true),

        new("a frame was freed before the TLB let it go", "I17 I30", s =>
        {
            uint pfn = s.Parked[0].Pfn;
            s.Parked.Clear();
            s.FrameOf(pfn) = new FrameRecord { Pfn = pfn, Place = FramePlace.PerCpuList };
            s.PcpPages.Add(new PcpPageRecord { Cpu = 0, ZoneIndex = s.PcpLists[0].ZoneIndex, Pfn = pfn });
            s.PcpLists[0].CountCounter++;
        }, Busy: true),
        new("a frame that a TLB names became a page table", "I17",
            s => s.TlbEntry(1, UnmappedVa, asid: 2).Pfn = s.Mms[1].RootPfn, Busy: true),
        new("the inside of a free block is in a TLB", "I17",
            s => s.TlbEntry(1, UnmappedVa, asid: 2).Pfn = (uint)s.TotalFrames - 1, Busy: true),

        new("a CPU is ahead of the address space", "I18", s => s.Asids[0].LocalGen = 6),
        new("a switch did not look at the generation", "I18", s => s.Asids[0].LocalGen = 4),
        new("an acknowledgement was taken for a later one", "I18", s => s.Asids[4].LocalGen = 6, Busy: true),
        new("an invalidation is of a generation to come", "I18", s => s.Pending[0].Gen = 7, Busy: true),
        new("a gather waits for a generation to come", "I18", s => s.Parked[0].Gen = 7, Busy: true),
        new("an order went to another tag of the CPU", "I18", s => s.Pending[0].Asid++, Busy: true),
        new("the shootdown left a CPU out", "I15 I18", s => s.Pending.Clear(), Busy: true),

        new("an entry is tagged with an identifier that is free", "I19", s => s.TlbEntry(0, Data).Asid = 7),
        new("an identifier is given out twice", "I19", s => s.Asids[1].Asid = 1),
        new("a process has two identifiers", "I19", s => s.Asids.Add(s.Asids[0] with { Asid = 5 })),
        new("a CPU runs a process that is gone", "I19", s => s.Cpus[0].CurrentMmId = 500),
        new("a CPU runs a process without an identifier", "I19", s =>
        {
            s.Asids.RemoveAt(1);
            s.Cpus[0].CurrentMmId = 2;
            foreach (ref TlbRecord entry in s.Tlb.Items)
                entry.Asid = entry.Cpu == 0 && entry.Asid == 2 ? 3 : entry.Asid;
        }),

        new("time goes back", "I44", s => s.Engine.VirtualNs = 899),
        new("events are counted back", "I44", s => s.Engine.EventOrdinal = 1),
        new("a CPU's clock goes back", "I44", s => s.Cpus[1].ClockNs = 799),

        new("a message is lost", "I45", s => s.Channels[0].Delivered--),
        new("a message is delivered twice", "I45", s => s.Channels[1].Delivered++),
        new("a message went to nobody", "I45", s => s.Engine.DeadLetters++),
        new("a message was overtaken", "I46", s => s.Channels[1].OutOfOrder = 1),

        new("a lock is held at rest", "I48", s => s.Engine.LocksHeld = 1),
        new("a message is on its way at rest", "I48", s =>
        {
            s.Channels[0].Sent++;
            s.Channels[0].InFlight++;
        }),
        new("a request waits at rest", "I48", s =>
        {
            s.Engine.RequestsInFlight++;
            s.Engine.RequestsIssued++;
        }),
        new("a page is locked at rest", "I48", s => s.First(FramePlace.File).Flags |= FrameFlags.Locked),
        new("a page is in writeback at rest", "I29 I48", s => s.First(FramePlace.File).Flags |= FrameFlags.Writeback),
        new("an unmap is under way at rest", "I48", s =>
        {
            s.Engine.Quiescent = true;
            s.Engine.RequestsInFlight = 0;
            s.Engine.RequestsCompleted = s.Engine.RequestsIssued;
        }, Busy: true),

        new("a request has two answers", "I49", s => s.Engine.RequestsDuplicated++),
        new("a request was forgotten", "I49", s => s.Engine.RequestsIssued++),

        new("processes are left at the end", "I50", s =>
        {
            s.Engine.AllProcessesGone = true;
            s.Engine.BaselineFreeFrames = s.PcpPages.Count;
            foreach (ref FreeBlockRecord block in s.FreeBlocks.Items)
                s.Engine.BaselineFreeFrames += 1L << block.Order;
            s.Engine.BaselineFreeFrames++;
        }),
    ];
}
