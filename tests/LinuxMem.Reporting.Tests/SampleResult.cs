using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Tests;

/// <summary>A result as a small run would give it.</summary>
internal static class SampleResult
{
    private static LockReport SampleLocks { get; } = new()
    {
        Classes =
        [
            new LockClassResult("mmap_lock", 4_000, new LockTimes(210, 1_900_000, 61_000, 7_100, 20_000, 55_000),
                new LockTimes(4_000, 2_500_000, 4_100, 600, 1_200, 4_000)),
            new LockClassResult("zone_lock", 950, new LockTimes(3, 700, 400, 200, 400, 400), default),
        ],
        Calls =
        [
            new LockCallResult("mmap_lock", true, "munmap",
                new LockTimes(120, 1_200_000, 61_000, 9_000, 20_000, 60_000)),
            new LockCallResult("mmap_lock", false, "page fault",
                new LockTimes(90, 700_000, 30_000, 7_000, 12_000, 29_000)),
            new LockCallResult("zone_lock", true, "page fault", new LockTimes(3, 700, 400, 200, 400, 400)),
        ],
        Instances = [new LockInstanceResult("mmap_lock", 3, new LockTimes(210, 1_900_000, 61_000, 0, 0, 0))],
        Worst = [new LockWaitResult("mmap_lock", 3, 5_000_000, 61_000, 102, "munmap", 101, "mmap")],
    };

    public static RunResult Create(int processes = 5) => new()
    {
        Scenario = "sample",
        Seed = 42,
        Build = "0.1.0",
        Threads = 2,
        Digest = "0123456789abcdef",
        VirtualNs = 812_345_678,
        Rounds = 20_345,
        Accesses = 34_567_890,
        VmStat = [new("nr_free_pages", 12_345), new("pgfault", 9_876), new("pgmajfault", 0),
            new("pgalloc_normal", 20_000),
            new("pgfree", 19_000)],
        FaultKinds = [new("anonymous", 8_000), new("zero page", 876), new("cow copy", 1_000), new("spurious", 0)],
        Processes = [.. Enumerable.Range(0, processes).Select(Process)],
        Cpus = [Cpu(0), Cpu(1)],
        Memory = new MemoryResult
        {
            PageBytes = 4096,
            TotalPages = 16_384,
            FreePages = 12_345,
            AnonPages = 3_000,
            ShmemPages = 500,
            FilePages = 39,
            PageTablePages = 200,
        },
        Disks = [new DiskResult("vda", 120, 30, 4_915_200, 9_000_000, 80, 700, 3_276_800, 44_000_000, 31_000_000, 2)],
        Locks = SampleLocks,
        BuddyInfo =
        [
            "Node 0, zone      DMA      1      0      1      0      2      1      1      0      1      1      3",
            "Node 0, zone    DMA32     12      8      4      2      1      1      1      1      0      1     10",
        ],
        Audit = new AuditResult("end", 123_456, []),
        UnknownCalls = [new("shmget", 3)],
        KernelLog = [new(12_001_234_567, "oom_reaper: reaped process 102 (crasher)"), new(12_001_234_567, " free:7")],
    };

    public static ProcessResult Process(int index) => new()
    {
        Pid = 100 + index,
        Ppid = index == 0 ? 1 : 100,
        Comm = index == 2 ? "crasher" : "httpd",
        Threads = 1,
        Accesses = 1_000_000L * index,
        MinFlt = 100 + index,
        MajFlt = 0,
        VszKiB = 2_048 + (100_000L * index),
        RssKiB = index == 3 ? 0 : 812,
        MaxRssKiB = 65_400 + index,
        StartNs = 1_000 * index,
        EndNs = index == 4 ? -1 : 5_000_000,
        CpuNs = 3_400_000 + index,
        UserNs = 10_000 * index,
        VoluntarySwitches = 7,
        InvoluntarySwitches = index,
        Fate = index switch { 2 => "killed SIGSEGV (SEGV_MAPERR at 0xdead0000)", 4 => "sleeping", _ => "exited 0" },
    };

    public static GroupResult Group() => new()
    {
        Path = "web/workers",
        Processes = 3,
        CurrentKiB = 1024,
        PeakKiB = 4096,
        SwapPeakKiB = 512,
        MajFlt = 17,
        Events = [new("low", 0), new("high", 5), new("max", 1), new("oom", 0)],
        MemorySomeNs = 1_500_000,
        MemoryFullNs = 500_000,
    };

    public static ReplayTotals Replay() => new()
    {
        Lines = 175_906,
        Accesses = 170_000,
        Calls = 800,
        Notes = 5_104,
        Rejected = 2,
        RejectedMessages = ["x.log:7: not a line of a lackey log", "x.log:9: cut off"],
    };

    public static ReplayTotals CheckedReplay() => Replay() with
    {
        Continued = 3,
        Signals = 2,
        Exits = 1,
        Warnings = ["x.strace: cut off"],
        Check = new CheckTotals
        {
            Level = "calls",
            Checked = 700,
            Matched = 699,
            Mismatched = 1,
            Ambiguous = 0,
            Skipped = [new("time", 90)],
            NotJudged = [new("a file from outside", 10)],
            Unsupported = [new("userfaultfd", 1)],
            Mismatches = [new CheckMismatch(17, "brk(NULL)", "0x1000", "0x2000", ["1000-2000 rw-p"], [])],
        },
    };

    private static CpuResult Cpu(int number) => new()
    {
        Cpu = number,
        Accesses = 17_283_945,
        TlbHits = 1_000_000,
        TlbL2Hits = 31_000,
        TlbMisses = 900,
        Shootdowns = 12 + number,
        Flushes = 3,
        ContextSwitches = 812,
        BusyNs = 700_000_000,
        UserNs = 450_000_000 + number,
        IdleNs = 112_345_678,
    };
}
