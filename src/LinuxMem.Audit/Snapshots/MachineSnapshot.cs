namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// The whole machine at one moment, as flat lists of facts. One object serves a run: it is cleared and filled again.
/// </summary>
/// <remarks>
/// To be taken between the kernel's operations, never inside one. The facts come from the structures that own them (a
/// walk of the tables, of the free lists), not from counters derived from them: counters have fields of their own,
/// named so. A snapshot that breaks the order which a record type asks for is refused with <see
/// cref="MalformedSnapshotException"/>.
/// </remarks>
public sealed class MachineSnapshot
{
    private EngineRecord engine;
    private CounterRecord counters;

    /// <summary>The engine, in place.</summary>
    public ref EngineRecord Engine => ref engine;

    /// <summary>The kernel's counters of the whole machine, in place.</summary>
    public ref CounterRecord Counters => ref counters;

    /// <summary>Frames of RAM now.</summary>
    public long TotalFrames { get; set; }

    /// <summary>Frames of RAM at boot, plus those added and less those removed since.</summary>
    public long InitialFrames { get; set; }

    /// <summary>Frames that were in use before the allocator counted.</summary>
    public long FramesReservedAtBoot { get; set; }

    /// <summary>Frames that the zones managed at boot.</summary>
    public long ManagedAtBoot { get; set; }

    /// <summary>Frames of memory that has left the machine, and is not on its way any more.</summary>
    public long OfflineFrames { get; set; }

    /// <summary>Pages that a stack keeps from the mapping below as it grows.</summary>
    public ulong StackGuardPages { get; set; }

    /// <summary>The lowest address that stacks may grow to; 0 if there is no such limit.</summary>
    public ulong LowestGrowth { get; set; }

    /// <summary>Whether the page of zeros holds zeros.</summary>
    public bool ZeroPageIsZero { get; set; } = true;

    /// <summary>Whether page-table entries can forbid execution; false for i386 without PAE.</summary>
    public bool HardwareNoExec { get; set; } = true;

    /// <summary>Every frame that is not the untouched tail of a free block, by ascending number.</summary>
    public RecordList<FrameRecord> Frames { get; } = new();

    /// <summary>The zones.</summary>
    public RecordList<ZoneRecord> Zones { get; } = new();

    /// <summary>The blocks on the free lists.</summary>
    public RecordList<FreeBlockRecord> FreeBlocks { get; } = new();

    /// <summary>The counters of the free lists.</summary>
    public RecordList<FreeCounterRecord> FreeCounters { get; } = new();

    /// <summary>The per-CPU lists.</summary>
    public RecordList<PcpListRecord> PcpLists { get; } = new();

    /// <summary>The frames on per-CPU lists.</summary>
    public RecordList<PcpPageRecord> PcpPages { get; } = new();

    /// <summary>The address spaces.</summary>
    public RecordList<MmRecord> Mms { get; } = new();

    /// <summary>Their VMAs.</summary>
    public RecordList<VmaRecord> Vmas { get; } = new();

    /// <summary>Their mapped pages.</summary>
    public RecordList<PteRecord> Ptes { get; } = new();

    /// <summary>Their page tables.</summary>
    public RecordList<TableRecord> Tables { get; } = new();

    /// <summary>The page cache.</summary>
    public RecordList<CachePageRecord> CachePages { get; } = new();

    /// <summary>The objects that VMAs map.</summary>
    public RecordList<ObjectRecord> Objects { get; } = new();

    /// <summary>The lists of page replacement.</summary>
    public RecordList<LruPageRecord> LruPages { get; } = new();

    /// <summary>How long they are said to be.</summary>
    public RecordList<LruCounterRecord> LruCounters { get; } = new();

    /// <summary>The allocations since the snapshot before that left the least.</summary>
    public RecordList<AllocationRecord> Allocations { get; } = new();

    /// <summary>Whom the OOM killer could choose from, at each kill since the snapshot before.</summary>
    public RecordList<OomCandidateRecord> OomCandidates { get; } = new();

    /// <summary>The memory cgroups; empty where there are none.</summary>
    public RecordList<GroupRecord> Groups { get; } = new();

    /// <summary>The tasks that wait for memory or disks.</summary>
    public RecordList<WaitRecord> Waits { get; } = new();

    /// <summary>Frames of which somebody was told that a memory error has put them out of use.</summary>
    public RecordList<uint> Struck { get; } = new();

    /// <summary>The processes whose parents have not waited for them.</summary>
    public RecordList<ProcessRecord> Processes { get; } = new();

    /// <summary>The lists of children.</summary>
    public RecordList<ChildRecord> Children { get; } = new();

    /// <summary>The tasks that wait for a futex.</summary>
    public RecordList<FutexWaitRecord> FutexWaits { get; } = new();

    /// <summary>Entries of page tables that name slots of swap.</summary>
    public RecordList<SwapPteRecord> SwapPtes { get; } = new();

    /// <summary>The slots of swap that are in use.</summary>
    public RecordList<SwapSlotRecord> SwapSlots { get; } = new();

    /// <summary>Slots of swap there are.</summary>
    public long SwapTotal { get; set; }

    /// <summary>Of those, the ones that its owner says are free.</summary>
    public long SwapFree { get; set; }

    /// <summary>The CPUs.</summary>
    public RecordList<CpuRecord> Cpus { get; } = new();

    /// <summary>The rows of their tables of address space identifiers.</summary>
    public RecordList<AsidRecord> Asids { get; } = new();

    /// <summary>The contents of their translation caches.</summary>
    public RecordList<TlbRecord> Tlb { get; } = new();

    /// <summary>The invalidations on their way.</summary>
    public RecordList<PendingInvalidationRecord> Pending { get; } = new();

    /// <summary>The frames that wait for TLBs.</summary>
    public RecordList<ParkedFrameRecord> Parked { get; } = new();

    /// <summary>The frames that pipes refer to.</summary>
    public RecordList<LentFrameRecord> Lent { get; } = new();

    /// <summary>The message counts.</summary>
    public RecordList<ChannelRecord> Channels { get; } = new();

    /// <summary>Makes every list empty and every number zero.</summary>
    public void Clear()
    {
        engine = default;
        counters = default;
        FramesReservedAtBoot = 0;
        StackGuardPages = 0;
        LowestGrowth = 0;
        ZeroPageIsZero = true;
        Objects.Clear();
        LruPages.Clear();
        LruCounters.Clear();
        Allocations.Clear();
        OomCandidates.Clear();
        Waits.Clear();
        Struck.Clear();
        Processes.Clear();
        Children.Clear();
        FutexWaits.Clear();
        Groups.Clear();
        TotalFrames = 0;
        ManagedAtBoot = 0;
        OfflineFrames = 0;
        InitialFrames = 0;
        HardwareNoExec = true;
        Frames.Clear();
        Zones.Clear();
        FreeBlocks.Clear();
        FreeCounters.Clear();
        PcpLists.Clear();
        PcpPages.Clear();
        Mms.Clear();
        Vmas.Clear();
        Ptes.Clear();
        Tables.Clear();
        CachePages.Clear();
        SwapPtes.Clear();
        SwapSlots.Clear();
        SwapTotal = 0;
        SwapFree = 0;
        Cpus.Clear();
        Asids.Clear();
        Tlb.Clear();
        Pending.Clear();
        Parked.Clear();
        Lent.Clear();
        Channels.Clear();
    }
}
