using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Simulation.Settings;

/// <summary>The machine that a run simulates.</summary>
public sealed record MachineSettings
{
    /// <summary>Which Linux manages its memory.</summary>
    public KernelEra Kernel { get; init; } = KernelEra.Linux6;

    /// <summary>Number of CPUs, 1 to 1024.</summary>
    public int Cpus { get; init; } = 4;

    /// <summary>RAM in bytes; a whole number of pages.</summary>
    public ulong MemoryBytes { get; init; } = 256UL << 20;

    /// <summary>Shape of the page tables, a name of <see cref="PagingGeometry"/>.</summary>
    public PagingGeometry Paging { get; init; } = PagingGeometry.X86_64;

    /// <summary>What is kept of the contents of memory.</summary>
    public ContentMode Contents { get; init; } = ContentMode.Tags;

    /// <summary>The CPUs' translation caches.</summary>
    public TlbSettings Tlb { get; init; } = TlbSettings.Default;

    /// <summary>What memory accesses cost.</summary>
    public MmuCosts MmuCosts { get; init; } = new();

    /// <summary>What the kernel's work costs.</summary>
    public KernelCosts KernelCosts { get; init; } = new();

    /// <summary>Its locks.</summary>
    public LockSettings Locks { get; init; } = new();

    /// <summary>
    /// Its disks. The file system lies on the first; without any, files are read and written in no time.
    /// </summary>
    public IReadOnlyList<BlockDeviceSettings> Disks { get; init; } = [];

    /// <summary>Whether there is a disk, and what is on it can be compared.</summary>
    public bool HasDurableContents => Disks.Count > 0 && Contents != ContentMode.None;

    /// <summary>Tunables of memory management (/proc/sys/vm).</summary>
    public VmSettings Vm { get; init; } = new();

    /// <summary>The daemon that merges equal pages; off unless asked for.</summary>
    public KsmSettings Ksm { get; init; } = new();

    /// <summary>The swap areas, by number.</summary>
    public IReadOnlyList<SwapAreaSettings> Swap { get; init; } = [];

    /// <summary>
    /// The first sector of a disk's swap areas, which lie together at its end; <see cref="ulong.MaxValue"/> if it has
    /// none, or they are laid over everything.
    /// </summary>
    public ulong FirstSwapSectorOf(int disk)
    {
        ulong first = ulong.MaxValue;
        foreach (SwapAreaSettings area in Swap)
            first = area.Device == disk ? Math.Min(first, area.FirstSector) : first;
        return first == 0 ? ulong.MaxValue : first;
    }

    /// <summary>The memory cgroups; a parent comes before its children.</summary>
    public IReadOnlyList<CgroupSettings> Groups { get; init; } = [];

    /// <summary>Which pages leave when memory is short: one of <see cref="ReplacementNames.InMachines"/>.</summary>
    public string Replacement { get; init; } = ReplacementNames.Default;

    /// <summary>
    /// Time slice of the scheduler, in nanoseconds. Linux 6.18: base_slice_ns is 2.8 ms on 4 CPUs and more; here 3 ms.
    /// </summary>
    public long SliceNs { get; init; } = 3_000_000;

    /// <summary>A bug that is planted in the kernel, to see whether it is found; never by a scenario.</summary>
    public Mutant Mutant { get; init; }

    /// <summary>Frames of RAM.</summary>
    public ulong FrameCount => MemoryBytes >> Paging.PageShift;
}

/// <summary>The tunables of /proc/sys/vm that are modelled, under their own names.</summary>
public sealed record VmSettings
{
    /// <summary>vm.min_free_kbytes; null computes it from the size of RAM as Linux does.</summary>
    public long? MinFreeKbytes { get; init; }

    /// <summary>vm.watermark_scale_factor, in ten-thousandths of a zone.</summary>
    public int WatermarkScaleFactor { get; init; } = 10;

    /// <summary>vm.max_map_count.</summary>
    public int MaxMapCount { get; init; } = 65530;

    /// <summary>vm.mmap_min_addr, in bytes.</summary>
    public ulong MmapMinAddr { get; init; } = 4096;

    /// <summary>
    /// kernel.randomize_va_space: 0 lays every process out alike, 1 randomises stack, mmap area and program, 2 the heap
    /// too. Off unless asked for; the places are drawn from the run's seed.
    /// </summary>
    public int RandomizeVaSpace { get; init; }

    /// <summary>
    /// Whether loads of anonymous memory that nobody wrote to map the one page of zeros; if not, each has a frame of
    /// its own at once. Some kernels of virtual machines have no such page (pvm_no_zero_page on their command line).
    /// </summary>
    public bool ZeroPage { get; init; } = true;

    /// <summary>vm.overcommit_memory.</summary>
    public OvercommitMode OvercommitMemory { get; init; } = OvercommitMode.Guess;

    /// <summary>vm.overcommit_ratio, in percent of RAM; for mode <see cref="OvercommitMode.Never"/>.</summary>
    public int OvercommitRatio { get; init; } = 50;

    /// <summary>vm.overcommit_kbytes; if not 0, it counts in place of the ratio.</summary>
    public ulong OvercommitKbytes { get; init; }

    /// <summary>vm.admin_reserve_kbytes; null computes it from the size of RAM as Linux does.</summary>
    public long? AdminReserveKbytes { get; init; }

    /// <summary>vm.user_reserve_kbytes; null computes it from the size of RAM as Linux does.</summary>
    public long? UserReserveKbytes { get; init; }

    /// <summary>vm.nr_hugepages: huge pages of 2 MiB that are set aside.</summary>
    public long NrHugePages { get; init; }

    /// <summary>Whether the CPUs know huge pages of 1 GiB too (pdpe1gb); none are ever set aside.</summary>
    public bool GigabytePages { get; init; } = true;

    /// <summary>Whether the kernel has CONFIG_MEMORY_FAILURE, so that programs may ask for memory errors.</summary>
    public bool MemoryFailure { get; init; }

    /// <summary>vm.memory_failure_recovery; if not, a memory error is a panic.</summary>
    public bool MemoryFailureRecovery { get; init; } = true;

    /// <summary>vm.memory_failure_early_kill: who has a page that is lost is told at once, not at its access.</summary>
    public bool MemoryFailureEarlyKill { get; init; }

    /// <summary>vm.enable_soft_offline.</summary>
    public bool EnableSoftOffline { get; init; } = true;

    /// <summary>vm.swappiness, 0 to 200: how dear reading files back is, compared with swap.</summary>
    public int Swappiness { get; init; } = 60;

    /// <summary>vm.page-cluster: swap is read 2^n pages at a time.</summary>
    public int PageCluster { get; init; } = 3;

    /// <summary>Pages kept free below a stack (the kernel's stack_guard_gap parameter).</summary>
    public int StackGuardGapPages { get; init; } = 256;

    /// <summary>
    /// read_ahead_kb of the disk that files lie on, in KiB: 128 is Linux's default; up to 8192 is modelled.
    /// </summary>
    public int ReadAheadKb { get; init; } = 128;

    /// <summary>vm.dirty_ratio: percent of dirtyable memory above which writers wait for the disk.</summary>
    public int DirtyRatio { get; init; } = 20;

    /// <summary>vm.dirty_background_ratio: percent of dirtyable memory above which the flusher writes.</summary>
    public int DirtyBackgroundRatio { get; init; } = 10;

    /// <summary>vm.dirty_writeback_centisecs: how often the flusher looks for old dirty pages; 0 for never.</summary>
    public int DirtyWritebackCentisecs { get; init; } = 500;

    /// <summary>vm.dirty_expire_centisecs: after which dirty pages are old.</summary>
    public int DirtyExpireCentisecs { get; init; } = 3000;

    /// <summary>
    /// vm.panic_on_oom: 0 kills somebody when memory is out, 1 panics, 2 also where it is only a group's.
    /// </summary>
    public int PanicOnOom { get; init; }

    /// <summary>vm.oom_dump_tasks: whether the report of the OOM killer lists the processes.</summary>
    public bool OomDumpTasks { get; init; } = true;

    /// <summary>vm.oom_kill_allocating_task: whether it is who asks that dies, not who is worst.</summary>
    public bool OomKillAllocatingTask { get; init; }

    /// <summary>Most pages in a per-CPU list of a zone; null computes it as Linux does (pcp->high).</summary>
    public int? PcpHighPages { get; init; }
}

/// <summary>What the kernel's work costs, in nanoseconds of virtual time.</summary>
/// <remarks>
/// Source unless said otherwise: measured on Linux 6.18, x86-64, AMD EPYC, in a virtual machine: an anonymous write
/// fault 1,270 ns of which zeroing 150; a read fault of the zero page 770; a copy-on-write fault 1,900, without the
/// copy 706; munmap 270 a page; mmap and munmap together 3,300; brk twice 2,500; mprotect twice 5,000; fork 17 us a
/// MiB; an interprocessor interrupt 10 us (high: a virtual machine; 2 us is usual on hardware and taken here).
/// </remarks>
public sealed record KernelCosts
{
    /// <summary>Any entry into the kernel and back; no CPU traps twice within it. At least 1.</summary>
    public int EntryNs { get; init; } = 250;

    /// <summary>Finding the VMA and installing an entry.</summary>
    public int FaultNs { get; init; } = 500;

    /// <summary>Taking a frame from a per-CPU list.</summary>
    public int AllocNs { get; init; } = 100;

    /// <summary>Refilling or draining a per-CPU list under the zone lock.</summary>
    public int ZoneLockNs { get; init; } = 400;

    /// <summary>Zeroing a page.</summary>
    public int ZeroPageNs { get; init; } = 150;

    /// <summary>Copying a page.</summary>
    public int CopyPageNs { get; init; } = 400;

    /// <summary>A page-table page.</summary>
    public int PageTableNs { get; init; } = 300;

    /// <summary>Delivering a signal.</summary>
    public int SignalNs { get; init; } = 1000;

    /// <summary>A system call that does nothing else.</summary>
    public int SyscallNs { get; init; } = 100;

    /// <summary>Making, splitting or merging a VMA.</summary>
    public int VmaNs { get; init; } = 600;

    /// <summary>
    /// Unmapping a page, or dropping it from the page cache. Source of the latter: ftruncate of tmpfs 141 ns a page.
    /// </summary>
    public int UnmapPageNs { get; init; } = 120;

    /// <summary>Copying an entry at fork.</summary>
    public int ForkPageNs { get; init; } = 60;

    /// <summary>A new task.</summary>
    public int ForkNs { get; init; } = 40_000;

    /// <summary>The end of a task.</summary>
    public int ExitNs { get; init; } = 20_000;

    /// <summary>From one task to another.</summary>
    public int ContextSwitchNs { get; init; } = 1200;

    /// <summary>From sending an interprocessor interrupt until the other CPU acts on it. At least EntryNs.</summary>
    public int IpiNs { get; init; } = 2000;

    /// <summary>What each CPU that must be interrupted costs the sender.</summary>
    public int IpiTargetNs { get; init; } = 300;

    /// <summary>What an interrupt to flush its TLB takes from the task of the CPU that gets it. Assumed.</summary>
    public int IpiHandlerNs { get; init; } = 600;

    /// <summary>
    /// The grid of virtual time on which the kernel does what concerns all CPUs at once: reclaim, writing back. At
    /// least 1.
    /// </summary>
    public int KernelStepNs { get; init; } = 50_000;

    /// <summary>
    /// Looking at a page for reclaim and sending it on its way. Assumed: kswapd manages about a million pages a second.
    /// </summary>
    public int ReclaimPageNs { get; init; } = 800;
}
