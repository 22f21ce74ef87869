using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Locks;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Sched;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm;

/// <summary>The parts of the kernel's memory management that its operations share, made once at boot.</summary>
public sealed partial class KernelMemory : IDisposable
{
    /// <summary>Boots the memory of a machine: mem_map, zones and free lists, the zero page.</summary>
    /// <exception cref="ConfigurationException">The machine is too small to hold a process.</exception>
    public KernelMemory(MachineSettings settings)
    {
        Settings = settings;
        Tunables = new Accounting.VmTunables(settings.Vm);
        Geometry = settings.Paging;
        Ram = new PhysicalMemory((uint)settings.FrameCount, Geometry.PageShift, settings.Contents);
        Map = new MemMap((uint)settings.FrameCount, Ram.Lend);
        Ksm = new Ksm.StablePages(Ram, Map);
        Stat = new VmStat();
        Locks = new LockModel(settings);
        Allocator = new PageAllocator(Map, Geometry.PageShift, settings.Cpus, settings.Vm, Stat,
            settings.Kernel, Mutant);
        Tables = new PageTableOps(Ram, Geometry, Allocator, Map, Stat, Mutant) { Locks = Locks };
        Coherence = new TlbCoherence(settings.Cpus, settings.Tlb.AsidCount, settings.KernelCosts, Stat, Mutant);
        Online = CpuMask.All(settings.Cpus);
        Shadows = new Shadows(Allocator.ManagedPages * Shadows.OfAFrame);
        if (settings.Groups.Count > 0)
            Groups = Tables.Groups = new MemCgroups(settings.Groups, Map.FrameCount, Geometry.PageShift);
        Swap = new SwapOperations(this);
        Lent = new Uaccess.LentPages(this);
        Huge = new HugeMemory(Geometry.PageShift, settings.MemoryBytes, settings.Vm);
        ReadRoom = new ReadRoom(this);
        ZeroPage = Allocator.AllocPages(0, GfpFlags.Kernel, new Order(0), FramePlace.Kernel, out _);
        if (ZeroPage.IsNone)
            throw new ConfigurationException(
                $"machine.memory: {settings.MemoryBytes} bytes leave no free page above the watermark");
        Map[ZeroPage].Flags |= PageFlags.ZeroPage;
        Ram.ClearData(ZeroPage);
    }

    private readonly HashSet<uint> poisonedFree = [];

    /// <summary>The machine.</summary>
    public MachineSettings Settings { get; }

    /// <summary>Those of its settings that programs change.</summary>
    public Accounting.VmTunables Tunables { get; }

    /// <summary>Hears of what happens; null if nobody listens. Set once, after boot.</summary>
    public Tracer? Trace
    {
        get => Allocator.Trace;
        set => Coherence.Trace = Allocator.Trace = value;
    }

    /// <summary>The bug that is planted, if any.</summary>
    public Mutant Mutant => Settings.Mutant;

    /// <summary>Shape of the page tables.</summary>
    public PagingGeometry Geometry { get; }

    /// <summary>RAM.</summary>
    public PhysicalMemory Ram { get; }

    /// <summary>A descriptor for every frame.</summary>
    public MemMap Map { get; }

    /// <summary>Counters of /proc/vmstat.</summary>
    public VmStat Stat { get; }

    /// <summary>Zones and free lists.</summary>
    public PageAllocator Allocator { get; }

    /// <summary>Operations on page tables.</summary>
    public PageTableOps Tables { get; }

    /// <summary>The locks, in virtual time.</summary>
    public LockModel Locks { get; }

    /// <summary>The CPUs that are there (cpu_online_mask).</summary>
    public CpuMask Online { get; set; }

    /// <summary>Tasks whose CPUs have changed since the caller last took them; see <see cref="Online"/>.</summary>
    public List<Tasks.TaskStruct> Repinned { get; } = [];

    /// <summary>TLBs and the frames that wait for them.</summary>
    public TlbCoherence Coherence { get; }

    /// <summary>The frame of zeros that read faults of anonymous memory map.</summary>
    public Pfn ZeroPage { get; }

    /// <summary>Reads and writes of the disks; null until the kernel has made it.</summary>
    public IoQueue? Io { get; internal set; }

    /// <summary>Makes things fail; null if nothing is to, which is the usual case.</summary>
    public FaultInjector? Faults
    {
        get => Allocator.Faults;
        set => Coherence.Faults = Allocator.Faults = FaultSwitch.Injector = value;
    }

    /// <summary>Where those ask that have no pages to allocate: <see cref="Faults"/> or nobody answers.</summary>
    public FaultSwitch FaultSwitch { get; } = new();

    /// <summary>Failures injected so far: who compares knows whether what it tried failed on purpose.</summary>
    public long InjectedFailures => Allocator.Faults?.Failures ?? 0;

    /// <summary>Hears that pages of an address space are offered to be merged; set once, at boot.</summary>
    public Action<Mm, long>? OfferPages { get; set; }

    /// <summary>The merged pages.</summary>
    public Ksm.StablePages Ksm { get; }

    /// <summary>How many mappings there are beyond the first of each frame.</summary>
    public Sharing.SharingCounts Sharing { get; } = new();

    /// <summary>The pages that can leave; null until the kernel has made the policy.</summary>
    public Lruvec? Lru { get; internal set; }

    /// <summary>The memory cgroups; null where there are none.</summary>
    public MemCgroups? Groups { get; }

    /// <summary>Allocations that were refused for want of memory, the machine's or a group's.</summary>
    public long Refusals => Allocator.Refusals + (Groups?.Refusals ?? 0);

    /// <summary>What is remembered of pages that have left.</summary>
    public Shadows Shadows { get; }

    /// <summary>Pages that stay for those who waited for them.</summary>
    public Reclaim.HeldPages Held { get; } = new();

    /// <summary>Pages that pipes refer to.</summary>
    public Uaccess.LentPages Lent { get; }

    /// <summary>Swap.</summary>
    public SwapOperations Swap { get; }

    /// <summary>The pools of huge pages.</summary>
    public HugeMemory Huge { get; }

    /// <summary>Blocks of disks in memory (Buffers in /proc/meminfo).</summary>
    public long BufferPages { get; internal set; }

    /// <summary>Pages on their way out of memory: unmapped, but known to a TLB, or being written.</summary>
    public long ReclaimingPages { get; internal set; }

    /// <summary>Room for what faults read along.</summary>
    public ReadRoom ReadRoom { get; }

    /// <summary>Pages that were on their way out, and have left or stay after all.</summary>
    public long ReclaimsEnded { get; private set; }

    /// <summary>Of those, the anonymous ones (nr_isolated_anon).</summary>
    public long ReclaimingAnon { get; internal set; }

    /// <summary>Pages that could not be written since the last one left.</summary>
    public Reclaim.ReclaimFailures Failures { get; } = new();

    /// <summary>Of those on their way out, the ones that only their cache holds since somebody last looked.</summary>
    public List<Pfn> Settled { get; } = [];

    /// <summary>
    /// Takes a frame for data of a process: zeroed unless <paramref name="zeroed"/> is false; none if memory is out.
    /// Where there are groups, <paramref name="payer"/> pays for it, or else the one whose task is served.
    /// </summary>
    public Pfn AllocData(int cpu, FramePlace place, bool zeroed, ref WorkCost cost, MemCgroup? payer = null)
    {
        if (Groups is not null && !Groups.TryCharge(payer ?? Groups.Current))
            return Pfn.None;
        Pfn pfn = Allocator.AllocPages(cpu, GfpFlags.HighUserMovable, new Order(0), place, out AllocCost allocCost);
        Locks.Allocated(pfn.IsNone ? null : Allocator.ZoneOf(pfn), allocCost, cost);
        cost.AddAlloc(allocCost);
        if (!pfn.IsNone || Mutant != Mutant.M72)
            Groups?.Settle(pfn, payer ?? Groups.Current);
        if (pfn.IsNone)
            return pfn;
        if (zeroed)
        {
            Ram.ClearData(pfn);
            Locks.Moves(1, cost);
            cost.ZeroedPages++;
        }

        Locks.JoinsLru(cost);
        return pfn;
    }

    /// <summary>Makes a fresh frame an anonymous page of one process, as <paramref name="vma"/> has it.</summary>
    /// <remarks>Linux: mm/rmap.c: folio_add_new_anon_rmap, v6.18.</remarks>
    public void InitAnon(Pfn pfn, AnonVma owner, ulong index, Vmas.Vma vma)
    {
        ref PageFrame frame = ref Map[pfn];
        frame.Owner = owner.Id;
        frame.Index = (uint)index;
        bool isKept = (vma.Flags & Vmas.VmFlags.Droppable) == 0;
        frame.Flags = PageFlags.AnonExclusive | PageFlags.Uptodate | (isKept ? PageFlags.SwapBacked : PageFlags.None);
        Lru?.Add(pfn);
    }

    /// <summary>Makes a fresh frame a page of the page cache, whose reference it keeps.</summary>
    public void InitCached(Pfn pfn, AddressSpace mapping, uint index, ulong refault)
    {
        ref PageFrame frame = ref Map[pfn];
        frame.Owner = mapping.Id;
        frame.Index = index;
        frame.Flags = PageFlags.Uptodate | (mapping.IsShmem ? PageFlags.SwapBacked : PageFlags.None);
        Stat.Add(VmEvent.NrFilePages);
        if (mapping.IsShmem)
            Stat.Add(VmEvent.NrShmem);
        if (mapping.Host is not { } host)
            return;
        Lru?.Add(pfn, refault);
        if (host.KeepsPages)
            Lru?.Pin(pfn);
    }

    /// <summary>A page is on its way out: unmapped everywhere.</summary>
    public void BeginReclaim(Pfn page)
    {
        ref PageFrame frame = ref Map[page];
        frame.Flags |= PageFlags.Reclaim;
        Groups?.CountReclaiming(page, 1);
        ReclaimingPages++;
        ReclaimingAnon += (frame.Flags & PageFlags.SwapBacked) != 0 ? 1 : 0;
    }

    /// <summary>A page on its way out has left, or stays after all: it counts no more.</summary>
    public void EndReclaim(Pfn page)
    {
        ref PageFrame frame = ref Map[page];
        frame.Flags &= ~PageFlags.Reclaim;
        Groups?.CountReclaiming(page, -1);
        ReclaimingPages--;
        ReclaimsEnded++;
        ReclaimingAnon -= (frame.Flags & PageFlags.SwapBacked) != 0 ? 1 : 0;
    }

    /// <summary>A page on its way out is used again: it stays.</summary>
    public void KeepReclaimed(Pfn page)
    {
        EndReclaim(page);
        Lru!.Return(page, KeepReason.Used);
    }

    /// <summary>
    /// Takes a page back that the page cache gave up: free at once, or with the last batch of unmapped frames that
    /// holds it.
    /// </summary>
    /// <remarks>Precondition: nothing maps it.</remarks>
    public void DropCached(Pfn pfn, int cpu)
    {
        ref PageFrame frame = ref Map[pfn];
        KernelBug.Assert(frame.MapCount == 0,
            $"I35 violated: frame {pfn} leaves the page cache, mapped {frame.MapCount} times");
        Stat.Add(VmEvent.NrFilePages, -1);
        if (frame.Place == FramePlace.Shmem)
            Stat.Add(VmEvent.NrShmem, -1);
        if ((frame.Flags & PageFlags.Dirty) != 0 && frame.Place == FramePlace.File)
            Stat.Add(VmEvent.NrDirty, -1);
        frame.Flags &= ~PageFlags.Dirty;
        bool isSwapped = (frame.Flags & PageFlags.SwapCached) != 0;
        frame.Place = isSwapped ? FramePlace.SwapCache : FramePlace.Isolated;
        if (isSwapped)
            Swap.TryFreeIdle(pfn);
        Put(pfn, cpu);
    }

    /// <summary>Frees what a parked batch holds: every TLB has forgotten it.</summary>
    public void FreeGather(MmuGather gather)
    {
        int cpu = Online.Has(gather.Cpu) ? gather.Cpu : 0;
        foreach (Pfn pfn in gather.Frames)
        {
            // Those that a task unmapped are counted with the unmapping.
            if (gather.Cpu < 0)
                Locks.Frees(Allocator.ZoneOf(pfn));
            Put(pfn, cpu);
        }

        if (Mutant == Mutant.M31 && gather.Frames.Count > 0 && Map[gather.Frames[0]].Place == FramePlace.PerCpuList)
            Allocator.FreePages(cpu, gather.Frames[0], new Order(0), out _);
        foreach (Pfn table in gather.Tables)
            Put(table, cpu);

        Coherence.Recycle(gather);
    }

    /// <summary>A CPU has gone: its lists return to the zones, its TLB is to be empty, no mask names it.</summary>
    /// <remarks>Linux: mm/page_alloc.c: page_alloc_cpu_dead, v6.18.</remarks>
    public void CpuDead(int cpu, long nowNs)
    {
        if (Mutant != Mutant.M36)
            Allocator.DrainCpu(cpu);
        Coherence.Unplug(cpu, nowNs);
    }

    /// <summary>References that a frame has from the page cache and the swap cache.</summary>
    public static int CacheReferences(in PageFrame frame) =>
        (frame.Place is FramePlace.File or FramePlace.Shmem ? 1 : 0)
        + ((frame.Flags & PageFlags.SwapCached) != 0 ? 1 : 0);

    /// <summary>Gives a reference back; the last one frees the frame.</summary>
    public void PutPage(Pfn pfn, int cpu) => Put(pfn, cpu);

    private void Put(Pfn pfn, int cpu)
    {
        ref PageFrame frame = ref Map[pfn];
        KernelBug.Assert(frame.RefCount > frame.MapCount,
            $"I10 violated: frame {pfn} has {frame.RefCount} references, {frame.MapCount} mappings");
        if (--frame.RefCount > 0)
        {
            if ((frame.Flags & PageFlags.Reclaim) != 0 && frame.RefCount == CacheReferences(frame))
                Settled.Add(pfn);
            return;
        }

        if ((frame.Flags & (PageFlags.Lru | PageFlags.Reclaim)) != 0)
            LeaveLists(pfn);
        KernelBug.Assert(frame.Place == FramePlace.Isolated,
            $"I01 violated: frame {pfn} loses its last reference as {frame.Place}");
        if (Mutant != Mutant.M77 || (frame.Flags & PageFlags.SwapBacked) == 0)
            Groups?.Uncharge(pfn);
        if ((frame.Flags & PageFlags.HwPoison) != 0 && Mutant != Mutant.M58)
        {
            Retire(pfn);
            return;
        }

        frame.Flags = PageFlags.None;
        Io?.ReadErrors.Forget(pfn);
        Allocator.FreePages(cpu, pfn, new Order(0), out _);
        if (Leaving is { } range && range.Contains(pfn) && Allocator.TakePageOff(pfn))
            Left?.Invoke(pfn);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Map.Dispose();
        Ram.Dispose();
    }
}
