using System.Reflection;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Writes down what came of a run: the numbers for people and programs, and the digest of the final state.
/// </summary>
public sealed class ResultBuilder
{
    private readonly Scenario scenario;
    private readonly Mm.Kernel kernel;
    private readonly CpuState[] cpus;
    private readonly Conductor conductor;
    private readonly CpuTimes times;
    private long endNs;

    /// <summary>Of a run that has ended.</summary>
    public ResultBuilder(Scenario scenario, Mm.Kernel kernel, CpuState[] cpus, Conductor conductor)
    {
        this.scenario = scenario;
        this.kernel = kernel;
        this.cpus = cpus;
        this.conductor = conductor;
        times = new CpuTimes(cpus);
    }

    /// <summary>The version of the simulator.</summary>
    public static string Build => typeof(ResultBuilder).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>What can have been done about a fault, in the order of the result.</summary>
    public static IReadOnlyList<FaultKind> ShownFaultKinds { get; } =
        [.. Enum.GetValues<FaultKind>().Where(kind =>
            kind is not (FaultKind.NeedsPages or FaultKind.WaitsForPage or FaultKind.WaitsForLock))];

    /// <summary>The result.</summary>
    /// <param name="rounds">Rounds it took.</param>
    /// <param name="history">Digest of the kernel's history.</param>
    /// <param name="contents">Digest of the values loaded and stored.</param>
    /// <param name="audit">What the audit found.</param>
    public RunResult BuildResult(long rounds, ulong history, ulong contents, AuditResult audit)
    {
        endNs = conductor.ServedNs;
        for (int cpu = 0; cpu < cpus.Length; cpu++)
            endNs = Math.Max(endNs, conductor.ClockOf(cpu));
        // Who is left was cut short, perhaps in the middle of a sleep.
        bool hasStopped = kernel.Panic.Happened is not null || kernel.Stall is not null;
        if (kernel.Tasks.LiveTasks > 0 && !hasStopped && scenario.EndNs is { } cutNs)
            endNs = Math.Max(endNs, cutNs);
        var result = new RunResult
        {
            Scenario = scenario.Name,
            Seed = scenario.Seed,
            Build = Build,
            Threads = scenario.Engine.Threads,
            Digest = "",
            VirtualNs = kernel.Stall?.AtNs ?? endNs, // who waits in vain does so for ever
            Rounds = rounds,
            Accesses = cpus.Sum(c => c.Slot.Mmu.Counters.Accesses),
            VmStat = kernel.Memory.Stat.Snapshot(),
            FaultKinds = FaultKinds(),
            Processes = [.. kernel.Tasks.Groups.Select(ProcessOf)],
            Cpus = [.. cpus.Select(CpuOf)],
            Memory = Memory(),
            Disks = DiskResults.Of(kernel, scenario.Machine.Disks),
            Pressure = Pressure(),
            Locks = scenario.Engine.LockStatistics
                ? kernel.Memory.Locks.Statistics.Report(CallNames.Of) : null,
            Groups = GroupResults.Of(kernel, endNs),
            BuddyInfo = BuddyInfo.Lines(kernel.Memory.Allocator),
            Sharing = Mm.Sharing.SharingCensus.Take(kernel, conductor.ServedNs),
            Fragmentation = Fragmentation(),
            PageAges = kernel.Memory.Lru!.Policy is Mm.Lru.ProcessAgingPolicy aging ? [.. aging.LastPagesByAge] : [],
            Audit = audit,
            Faults = FaultReport.Of(kernel.Memory.Faults),
            PowerCut = kernel.Io.Durability?.Result,
            Stall = kernel.Stall is { } wait ? new StallResult(wait.AtNs, wait.Message) : null,
            Panic = kernel.Panic.Happened is { } why ? new PanicResult(why.AtNs, why.Message) : null,
            KernelLog = [.. kernel.Log.Lines.Select(line => new KernelLogLine(line.AtNs, line.Text))],
            UnknownCalls = [.. kernel.UnknownCalls.Select(c => KeyValuePair.Create(c.Key.ToString("d"), c.Value))],
        };
        return result with { Digest = DigestOf(result, history, contents).ToString() };
    }

    private List<KeyValuePair<string, long>> FaultKinds()
    {
        var kinds = new List<KeyValuePair<string, long>>();
        foreach (FaultKind kind in ShownFaultKinds)
            kinds.Add(KeyValuePair.Create(kind.ToString(), kernel.FaultKinds[(int)kind]));
        return kinds;
    }

    private ProcessResult ProcessOf(ThreadGroup group)
    {
        int shift = kernel.Memory.Geometry.PageShift - 10;
        Mm.Mm? mm = group.IsDead ? null : group.Tasks[0].Mm;
        CpuUsage cpu = ((ICpuTimes)times).Of(group, endNs);
        return new ProcessResult
        {
            Pid = group.Pid,
            Ppid = group.Parent?.Pid ?? 1,
            Comm = group.Comm,
            Threads = group.TasksEver,
            Accesses = group.EndedAccesses + group.Tasks.Sum(t => t.Accesses.Accesses),
            MinFlt = group.MinFlt,
            MajFlt = group.MajFlt,
            VszKiB = (mm is null ? group.LastVszPages : (long)mm.Vmas.TotalVmPages) << shift,
            RssKiB = (mm?.Rss ?? group.LastRssPages) << shift,
            MaxRssKiB = Math.Max(group.MaxRssPages, Math.Max(mm?.HiwaterRss ?? 0, mm?.Rss ?? 0)) << shift,
            StartNs = group.StartNs,
            EndNs = group.EndNs,
            MemoryStallNs = group.MemoryStallNs,
            IoStallNs = group.IoStallNs,
            CpuNs = cpu.TotalNs,
            UserNs = cpu.UserNs,
            VoluntarySwitches = cpu.VoluntarySwitches,
            InvoluntarySwitches = cpu.InvoluntarySwitches,
            Fate = Fate(group),
            InferredPages = group.InferredPages + (mm?.InferredPages ?? 0),
            Vmas = VmasOf(group, mm),
        };
    }

    private List<VmaResult>? VmasOf(ThreadGroup group, Mm.Mm? mm)
    {
        if (!group.KeepsVmas)
            return null;
        int shift = kernel.Memory.Geometry.PageShift - 10;
        IReadOnlyList<VmaUse> vmas = mm is null ? group.LastVmas ?? [] : kernel.Census.Take(mm);
        return [.. vmas.Select(v => new VmaResult(v.Start, v.End, MapsText.Rights(v.Flags), v.Offset, v.Name,
            v.RssPages << shift, v.AnonymousPages << shift))];
    }

    private static string Fate(ThreadGroup group)
    {
        if (!group.IsDead)
        {
            return group.Tasks[0].State switch
            {
                TaskState.Runnable => "running",
                TaskState.Sleeping => "sleeping",
                TaskState.WaitingForIo => "waiting for a disk",
                TaskState.WaitingForMemory => "waiting for memory",
                TaskState.WaitingForFile => "waiting for a file",
                TaskState.WaitingForLock => "waiting for a lock",
                _ => "waiting for a child",
            };
        }

        return group.ExitSignal switch
        {
            Signal.None => $"exited {group.ExitCode}",
            Signal.SigSegv when group.ExitSignalCode == SignalCode.SegvMapErr =>
                $"killed SIGSEGV (SEGV_MAPERR at 0x{group.ExitSignalAddress:x})",
            Signal.SigSegv when group.ExitSignalCode == SignalCode.SegvAccErr =>
                $"killed SIGSEGV (SEGV_ACCERR at 0x{group.ExitSignalAddress:x})",
            Signal.SigSegv => "killed SIGSEGV (SI_KERNEL)",
            Signal.SigBus when group.ExitSignalCode == SignalCode.BusMceErrAr =>
                $"killed SIGBUS (BUS_MCEERR_AR at 0x{group.ExitSignalAddress:x})",
            Signal.SigBus when group.ExitSignalCode == SignalCode.BusMceErrAo =>
                $"killed SIGBUS (BUS_MCEERR_AO at 0x{group.ExitSignalAddress:x})",
            _ => $"killed {group.ExitSignal.ToString().ToUpperInvariant()}",
        };
    }

    private CpuResult CpuOf(CpuState state)
    {
        MmuCounters counters = state.Slot.Mmu.Counters;
        return new CpuResult
        {
            Cpu = state.Slot.Cpu,
            Accesses = counters.Accesses,
            TlbHits = counters.L1Hits + counters.L2Hits,
            TlbL2Hits = counters.L2Hits,
            TlbMisses = counters.Walks,
            Shootdowns = state.Slot.Shootdowns,
            Flushes = counters.Flushes,
            ContextSwitches = state.ContextSwitches,
            BusyNs = times.BusyNs(state.Slot.Cpu, endNs),
            UserNs = times.UserNs(state.Slot.Cpu, endNs),
            IdleNs = endNs - times.BusyNs(state.Slot.Cpu, endNs),
        };
    }

    private PressureResult Pressure()
    {
        Mm.Stats.PressureStall pressure = kernel.Pressure;
        pressure.Advance(conductor.ServedNs);
        return new PressureResult(pressure.MemorySome.TotalNs, pressure.MemoryFull.TotalNs, pressure.IoSome.TotalNs,
            pressure.IoFull.TotalNs, pressure.CpuSome.TotalNs);
    }

    private List<FragmentationResult> Fragmentation()
    {
        var results = new List<FragmentationResult>();
        foreach (Zone zone in kernel.Memory.Allocator.Zones)
        {
            for (int order = 0; order <= zone.MaxOrder; order++)
                results.Add(new FragmentationResult(BuddyInfo.NameOf(zone.Type), order,
                    zone.FreeAreas[order].FreeBlocks, FragmentationIndex.Unusable(zone, order),
                    FragmentationIndex.External(zone, order)));
        }

        return results;
    }

    private MemoryResult Memory()
    {
        VmStat stat = kernel.Memory.Stat;
        return new MemoryResult
        {
            PageBytes = (long)kernel.Memory.Geometry.PageBytes,
            TotalPages = kernel.Memory.Allocator.ManagedPages,
            FreePages = kernel.Memory.Allocator.FreePagesTotal,
            AnonPages = stat[VmEvent.NrAnonPages],
            ShmemPages = stat[VmEvent.NrShmem],
            FilePages = stat[VmEvent.NrFilePages] - stat[VmEvent.NrShmem] - stat[VmEvent.NrSwapCached]
                - kernel.Memory.BufferPages,
            BufferPages = kernel.Memory.BufferPages,
            PageTablePages = stat[VmEvent.NrPageTablePages],
        };
    }

    // Over what happened, in order, and what is there in the end; not over rounds and threads, which change no result.
    private Digest DigestOf(RunResult result, ulong history, ulong contents)
    {
        var digest = default(Digest);
        digest.Add(history);
        digest.Add(contents);
        digest.Add(result.VirtualNs);
        digest.Add(result.Accesses);
        foreach (KeyValuePair<string, long> counter in result.VmStat)
            digest.Add(counter.Value);
        foreach (ProcessResult process in result.Processes)
        {
            digest.Add(process.Pid);
            digest.Add(process.Comm);
            digest.Add(process.Accesses);
            digest.Add(process.MinFlt);
            digest.Add(process.CpuNs);
            digest.Add(process.UserNs);
            digest.Add(process.InvoluntarySwitches);
            digest.Add(process.MaxRssKiB);
            digest.Add(process.Fate);
        }

        foreach (GroupResult group in result.Groups)
        {
            digest.Add(group.PeakKiB);
            foreach (KeyValuePair<string, long> counted in group.Events)
                digest.Add(counted.Value);
        }

        if (result.Panic is { } panic)
            digest.Add(panic.Message);
        AddTlbs(ref digest);
        AddFrames(ref digest);
        return digest;
    }

    private void AddTlbs(ref Digest digest)
    {
        var entries = new List<TlbEntryInfo>();
        foreach (CpuState state in cpus)
        {
            digest.Add(state.BusyNs);
            digest.Add(state.Slot.Mmu.Counters.Walks);
            digest.Add(state.Slot.Mmu.Counters.L2Hits);
            entries.Clear();
            state.Slot.Mmu.ExportEntries(entries);
            foreach (TlbEntryInfo entry in entries)
            {
                digest.Add(entry.Key);
                digest.Add(entry.Value);
            }
        }
    }

    // mem_map, from block to block where memory is free, and the lists of free memory in their order.
    private void AddFrames(ref Digest digest)
    {
        var free = default(Digest);
        PageAllocator allocator = kernel.Memory.Allocator;
        allocator.VisitFreeBlocks((_, order, type, pfn) =>
            free.Add(((ulong)order.Value << 40) | ((ulong)type << 36) | pfn.Value));
        allocator.VisitPerCpuPages((cpu, _, _, _, pfn) => free.Add(((ulong)cpu << 36) | pfn.Value));
        digest.Add(free.Value);
        MemMap map = kernel.Memory.Map;
        for (uint pfn = 0; pfn < map.FrameCount;)
        {
            pfn = allocator.AfterUnlisted(new Pfn(pfn)).Value;
            if (pfn >= map.FrameCount)
                break;
            ref PageFrame frame = ref map[new Pfn(pfn)];
            if (frame.Place is FramePlace.BuddyHead)
            {
                pfn += 1u << frame.Order;
                continue;
            }

            digest.Add(((ulong)frame.Place << 48) | ((ulong)frame.Flags << 32) | pfn);
            digest.Add(((ulong)(uint)frame.RefCount << 32) | (uint)frame.MapCount);
            digest.Add(((ulong)(uint)frame.Owner << 32) | frame.Index);
            pfn++;
        }
    }
}
