using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>
/// The keys of the machine that are tunables of /proc/sys/vm, in camel case, the stack gap, and how far a disk reads
/// ahead.
/// </summary>
internal sealed record VmKeys(
    Key<ulong?> MinFreeKbytes,
    Key<ulong> WatermarkScaleFactor,
    Key<ulong> MaxMapCount,
    Key<ulong> MmapMinAddr,
    Key<ulong> StackGuardGapPages,
    Key<ulong?> PcpHighPages,
    Key<ulong> RandomizeVaSpace,
    Key<ulong> OvercommitMemory,
    Key<ulong> OvercommitRatio,
    Key<ulong> OvercommitKbytes,
    Key<ulong?> AdminReserveKbytes,
    Key<ulong?> UserReserveKbytes,
    Key<ulong> NrHugePages,
    Key<bool> GigabytePages,
    Key<bool> ZeroPage,
    Key<bool> MemoryFailure,
    Key<bool> MemoryFailureRecovery,
    Key<bool> MemoryFailureEarlyKill,
    Key<bool> EnableSoftOffline,
    DirtyKeys Dirty,
    OomKeys Oom)
{
    /// <summary>The keys in their order.</summary>
    public IReadOnlyList<Key> All =>
    [
        MinFreeKbytes, WatermarkScaleFactor, MaxMapCount, MmapMinAddr, StackGuardGapPages, PcpHighPages,
        RandomizeVaSpace, OvercommitMemory, OvercommitRatio, OvercommitKbytes, AdminReserveKbytes, UserReserveKbytes,
        NrHugePages, GigabytePages, ZeroPage, MemoryFailure, MemoryFailureRecovery, MemoryFailureEarlyKill,
        EnableSoftOffline, .. Dirty.All, .. Oom.All,
    ];

    /// <summary>The keys with Linux's defaults.</summary>
    public static VmKeys Make()
    {
        var usual = new VmSettings();
        return new VmKeys(
            Key.Optional<ulong?>("minFreeKbytes", new MaybeShape<ulong>(new CountShape(0, 1UL << 30)), null,
                "vm.min_free_kbytes, in KiB; left out, it is computed from the size of RAM as Linux does."),
            Key.Optional("watermarkScaleFactor", new CountShape(1, 3000), (ulong)usual.WatermarkScaleFactor,
                "vm.watermark_scale_factor, in ten-thousandths of a zone."),
            Key.Optional("maxMapCount", new CountShape(1, int.MaxValue), (ulong)usual.MaxMapCount,
                "vm.max_map_count: the most VMAs of a process."),
            Key.Optional("mmapMinAddr", new SizeShape(0, 1UL << 30), usual.MmapMinAddr,
                "vm.mmap_min_addr: the lowest address that can be mapped."),
            Key.Optional("stackGuardGapPages", new CountShape(0, 1 << 20), (ulong)usual.StackGuardGapPages,
                "Pages kept free below a stack."),
            Key.Optional<ulong?>("pcpHighPages", new MaybeShape<ulong>(new CountShape(0, int.MaxValue)), null,
                "Most pages in a per-CPU list of a zone; left out, it is computed as Linux does."),
            Key.Optional("randomizeVaSpace", new CountShape(0, 2), (ulong)usual.RandomizeVaSpace,
                "kernel.randomize_va_space: 0 off, 1 moves the stack, mappings and PIE programs, 2 the heap too."),
            Key.Optional("overcommitMemory", new CountShape(0, 2), (ulong)usual.OvercommitMemory,
                "vm.overcommit_memory: 0 refuses single requests beyond RAM, 1 nothing, 2 what passes the limit."),
            Key.Optional("overcommitRatio", new CountShape(0, int.MaxValue), (ulong)usual.OvercommitRatio,
                "vm.overcommit_ratio, in percent of RAM: the limit of mode 2."),
            Key.Optional("overcommitKbytes", new CountShape(0, 1UL << 50), usual.OvercommitKbytes,
                "vm.overcommit_kbytes: the limit of mode 2 in KiB, in place of the ratio if not 0."),
            Key.Optional<ulong?>("adminReserveKbytes", new MaybeShape<ulong>(new CountShape(0, 1UL << 50)), null,
                "vm.admin_reserve_kbytes; left out, it is computed from the size of RAM as Linux does."),
            Key.Optional<ulong?>("userReserveKbytes", new MaybeShape<ulong>(new CountShape(0, 1UL << 50)), null,
                "vm.user_reserve_kbytes; left out, it is computed from the size of RAM as Linux does."),
            Key.Optional("nrHugePages", new CountShape(0, 1 << 24), (ulong)usual.NrHugePages,
                "vm.nr_hugepages: huge pages of 2 MiB set aside for MAP_HUGETLB and its kin."),
            Key.Optional("gigabytePages", new FlagShape(), usual.GigabytePages,
                "Whether the CPUs know huge pages of 1 GiB too; false: who asks for them is refused."),
            Key.Optional("zeroPage", new FlagShape(), usual.ZeroPage,
                "Whether loads of untouched anonymous memory share a page of zeros; false: each has a frame at once."),
            Key.Optional("memoryFailure", new FlagShape(), usual.MemoryFailure,
                "Whether the kernel has CONFIG_MEMORY_FAILURE: madvise takes MADV_HWPOISON and MADV_SOFT_OFFLINE."),
            Key.Optional("memoryFailureRecovery", new FlagShape(), usual.MemoryFailureRecovery,
                "vm.memory_failure_recovery; false: a memory error is a panic."),
            Key.Optional("memoryFailureEarlyKill", new FlagShape(), usual.MemoryFailureEarlyKill,
                "vm.memory_failure_early_kill: who has a page that is lost is told at once, not at its access."),
            Key.Optional("enableSoftOffline", new FlagShape(), usual.EnableSoftOffline, "vm.enable_soft_offline."),
            DirtyKeys.Make(),
            OomKeys.Make());
    }

    /// <summary>The settings from the keys' values.</summary>
    public VmSettings Settings(KeyValues v) => new()
    {
        MinFreeKbytes = (long?)v.Get(MinFreeKbytes),
        WatermarkScaleFactor = (int)v.Get(WatermarkScaleFactor),
        MaxMapCount = (int)v.Get(MaxMapCount),
        MmapMinAddr = v.Get(MmapMinAddr),
        StackGuardGapPages = (int)v.Get(StackGuardGapPages),
        PcpHighPages = (int?)v.Get(PcpHighPages),
        RandomizeVaSpace = (int)v.Get(RandomizeVaSpace),
        OvercommitMemory = (OvercommitMode)v.Get(OvercommitMemory),
        OvercommitRatio = (int)v.Get(OvercommitRatio),
        OvercommitKbytes = v.Get(OvercommitKbytes),
        AdminReserveKbytes = (long?)v.Get(AdminReserveKbytes),
        UserReserveKbytes = (long?)v.Get(UserReserveKbytes),
        NrHugePages = (long)v.Get(NrHugePages),
        GigabytePages = v.Get(GigabytePages),
        ZeroPage = v.Get(ZeroPage),
        MemoryFailure = v.Get(MemoryFailure),
        MemoryFailureRecovery = v.Get(MemoryFailureRecovery),
        MemoryFailureEarlyKill = v.Get(MemoryFailureEarlyKill),
        EnableSoftOffline = v.Get(EnableSoftOffline),
        ReadAheadKb = (int)v.Get(Dirty.ReadAheadKb),
        DirtyRatio = (int)v.Get(Dirty.Ratio),
        DirtyBackgroundRatio = (int)v.Get(Dirty.BackgroundRatio),
        DirtyWritebackCentisecs = (int)v.Get(Dirty.WritebackCentisecs),
        DirtyExpireCentisecs = (int)v.Get(Dirty.ExpireCentisecs),
        PanicOnOom = (int)v.Get(Oom.PanicOnOom),
        OomDumpTasks = v.Get(Oom.DumpTasks),
        OomKillAllocatingTask = v.Get(Oom.KillAllocatingTask),
    };
}
