using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Simulation.Results;

/// <summary>What came of a run: plain data, the same for people's tables and for JSON.</summary>
public sealed record RunResult
{
    /// <summary>Name of the scenario.</summary>
    public required string Scenario { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Version of the simulator that made the result.</summary>
    public required string Build { get; init; }

    /// <summary>Worker threads; no part of the digest.</summary>
    public required int Threads { get; init; }

    /// <summary>Digest over the ordered events and the final state, 16 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Virtual time at the end.</summary>
    public required long VirtualNs { get; init; }

    /// <summary>Rounds; depends on the window, no part of the digest.</summary>
    public required long Rounds { get; init; }

    /// <summary>Memory accesses.</summary>
    public required long Accesses { get; init; }

    /// <summary>Counters by their /proc/vmstat names, in the order of that file.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> VmStat { get; init; }

    /// <summary>Page faults by what was done about them, in a fixed order.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> FaultKinds { get; init; }

    /// <summary>Every process (thread group) that ever was, by pid.</summary>
    public required IReadOnlyList<ProcessResult> Processes { get; init; }

    /// <summary>The CPUs.</summary>
    public required IReadOnlyList<CpuResult> Cpus { get; init; }

    /// <summary>Memory at the end, as `free` shows it.</summary>
    public required MemoryResult Memory { get; init; }

    /// <summary>The disks, in the order of the scenario.</summary>
    public IReadOnlyList<DiskResult> Disks { get; init; } = [];

    /// <summary>For how long tasks waited.</summary>
    public PressureResult Pressure { get; init; } = new(0, 0, 0, 0, 0);

    /// <summary>What tasks waited for: locks; null if that was not counted.</summary>
    public LockReport? Locks { get; init; }

    /// <summary>The memory cgroups, in the order of the scenario.</summary>
    public IReadOnlyList<GroupResult> Groups { get; init; } = [];

    /// <summary>The lines of /proc/buddyinfo at the end.</summary>
    public required IReadOnlyList<string> BuddyInfo { get; init; }

    /// <summary>How far free memory is broken up at the end, by zone and order.</summary>
    public IReadOnlyList<FragmentationResult> Fragmentation { get; init; } = [];

    /// <summary>
    /// Pages that may leave by their age, from 0, the next to go, to 20, when memory was last reclaimed; empty where
    /// the policy keeps no ages.
    /// </summary>
    public IReadOnlyList<long> PageAges { get; init; } = [];

    /// <summary>What the simulated kernel has printed: the reports of its OOM killer.</summary>
    public IReadOnlyList<KernelLogLine> KernelLog { get; init; } = [];

    /// <summary>What was injected; null if nothing was to be.</summary>
    public FaultReport? Faults { get; init; }

    /// <summary>Who shares which frames with whom at the end, and what copy-on-write did until then.</summary>
    public SharingResult Sharing { get; init; } = SharingResult.None;

    /// <summary>What came of cutting the power; null if it was not to be cut.</summary>
    public PowerCutResult? PowerCut { get; init; }

    /// <summary>When and why the simulated kernel stopped for good; null if it did not.</summary>
    public PanicResult? Panic { get; init; }

    /// <summary>When and for what the simulated machine waited in vain; null if it did not.</summary>
    public StallResult? Stall { get; init; }

    /// <summary>How the run ended: "done", "panic" or "stall".</summary>
    public string Outcome => Panic is not null ? "panic" : Stall is null ? "done" : "stall";

    /// <summary>What the audit found.</summary>
    public required AuditResult Audit { get; init; }

    /// <summary>System calls that the kernel does not model and answered with ENOSYS, by number and count.</summary>
    public required IReadOnlyList<KeyValuePair<string, long>> UnknownCalls { get; init; }

    /// <summary>/proc and /sys at the moments that <see cref="Settings.EngineSettings.ProcAtNs"/> names.</summary>
    public IReadOnlyList<ProcTree> ProcTrees { get; init; } = [];
}

/// <summary>One process (thread group).</summary>
public sealed record ProcessResult
{
    /// <summary>Process id.</summary>
    public required int Pid { get; init; }

    /// <summary>Parent; 1 is init.</summary>
    public required int Ppid { get; init; }

    /// <summary>Command name.</summary>
    public required string Comm { get; init; }

    /// <summary>Threads it ever had.</summary>
    public required int Threads { get; init; }

    /// <summary>Accesses made.</summary>
    public required long Accesses { get; init; }

    /// <summary>Faults served without I/O.</summary>
    public required long MinFlt { get; init; }

    /// <summary>Faults that needed I/O.</summary>
    public required long MajFlt { get; init; }

    /// <summary>Virtual size when it ended (or now), in KiB.</summary>
    public required long VszKiB { get; init; }

    /// <summary>Resident set when it ended (or now), in KiB.</summary>
    public required long RssKiB { get; init; }

    /// <summary>Largest resident set, in KiB.</summary>
    public required long MaxRssKiB { get; init; }

    /// <summary>When it started.</summary>
    public required long StartNs { get; init; }

    /// <summary>When it ended; -1 if it still runs.</summary>
    public required long EndNs { get; init; }

    /// <summary>CPU time it used.</summary>
    public required long CpuNs { get; init; }

    /// <summary>Of it, time in which its program ran; the rest is the kernel's.</summary>
    public long UserNs { get; init; }

    /// <summary>Times that a task of it left its CPU because it waited for something.</summary>
    public long VoluntarySwitches { get; init; }

    /// <summary>Times that a task of it left its CPU to another.</summary>
    public long InvoluntarySwitches { get; init; }

    /// <summary>Time that its tasks waited for memory, each counted.</summary>
    public long MemoryStallNs { get; init; }

    /// <summary>Time that its tasks waited for disks, each counted.</summary>
    public long IoStallNs { get; init; }

    /// <summary>"exited 0", "killed SIGSEGV (SEGV_MAPERR at 0x10)", "running", "sleeping"...</summary>
    public required string Fate { get; init; }

    /// <summary>Pages mapped because a trace accessed them without saying where they come from.</summary>
    public long InferredPages { get; init; }

    /// <summary>
    /// Its mappings when it ended (or now); null unless <see cref="Settings.ProcessSpec.KeepsVmas"/> asked for them.
    /// </summary>
    public IReadOnlyList<VmaResult>? Vmas { get; init; }
}

/// <summary>One CPU.</summary>
public sealed record CpuResult
{
    /// <summary>Its number.</summary>
    public required int Cpu { get; init; }

    /// <summary>Accesses made on it.</summary>
    public required long Accesses { get; init; }

    /// <summary>Translations that a TLB had (first or second level).</summary>
    public required long TlbHits { get; init; }

    /// <summary>Of the hits, those of the second level.</summary>
    public required long TlbL2Hits { get; init; }

    /// <summary>Translations that took a page walk.</summary>
    public required long TlbMisses { get; init; }

    /// <summary>TLB shootdowns received from other CPUs.</summary>
    public required long Shootdowns { get; init; }

    /// <summary>Flushes of a whole address space or of everything.</summary>
    public required long Flushes { get; init; }

    /// <summary>Switches from one task to another.</summary>
    public required long ContextSwitches { get; init; }

    /// <summary>Time with a task.</summary>
    public required long BusyNs { get; init; }

    /// <summary>Of it, time in which programs ran; the rest is the kernel's.</summary>
    public long UserNs { get; init; }

    /// <summary>Time without.</summary>
    public required long IdleNs { get; init; }
}

/// <summary>Memory, as `free` shows it, in pages.</summary>
public sealed record MemoryResult
{
    /// <summary>Bytes of a page.</summary>
    public required long PageBytes { get; init; }

    /// <summary>Frames that the allocator manages (MemTotal).</summary>
    public required long TotalPages { get; init; }

    /// <summary>Frames that nobody uses (MemFree).</summary>
    public required long FreePages { get; init; }

    /// <summary>Frames of processes' anonymous memory.</summary>
    public required long AnonPages { get; init; }

    /// <summary>Frames of shared memory (Shmem).</summary>
    public required long ShmemPages { get; init; }

    /// <summary>Frames of files (Cached less Shmem).</summary>
    public required long FilePages { get; init; }

    /// <summary>Frames of blocks of disks (Buffers).</summary>
    public long BufferPages { get; init; }

    /// <summary>Frames of page tables (PageTables).</summary>
    public required long PageTablePages { get; init; }
}

/// <summary>For how long tasks waited, in nanoseconds of virtual time (/proc/pressure).</summary>
/// <param name="MemorySomeNs">Some waited for memory.</param>
/// <param name="MemoryFullNs">Some waited for memory, and none could run.</param>
/// <param name="IoSomeNs">Some waited for a disk.</param>
/// <param name="IoFullNs">Some waited for a disk, and none could run.</param>
/// <param name="CpuSomeNs">More could run than there are CPUs.</param>
public sealed record PressureResult(
    long MemorySomeNs, long MemoryFullNs, long IoSomeNs, long IoFullNs, long CpuSomeNs);

/// <summary>What the audit did and found.</summary>
/// <param name="Level">off, end or round.</param>
/// <param name="Checks">Invariants checked, each time counted.</param>
/// <param name="Violations">What is broken, in words; empty when all is well.</param>
public sealed record AuditResult(string Level, long Checks, IReadOnlyList<string> Violations);
