using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Ksm;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Poison;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm;

/// <summary>
/// The kernel's memory management as one object: traps in, outcomes and costs out. No clock, no I/O, no messages.
/// </summary>
/// <remarks>
/// One trap is served at a time. Where the page cache must be asked, <see cref="Serve"/> returns NeedsPages and is
/// called again with the answer, until the outcome is another. Between traps the caller takes what
/// <see cref="Inserts"/>, <see cref="Woken"/> and <see cref="SharedObjects.Dead"/> have gathered.
/// </remarks>
public sealed partial class Kernel : IDisposable
{
    private readonly PageMapper mapper;
    private readonly PageFaultHandler faults;
    private readonly Reclaimer reclaimer;
    private readonly FilePages filePages;
    private readonly PageReferences references;
    private readonly ProcessWalk processWalk;
    private readonly SyscallTable syscalls;
    private readonly TaskExit exit;
    private readonly OomKill oom;
    private readonly KernelCosts costs;
    private readonly IMmObserver observer;
    private readonly FaultCounts counts;
    private readonly DirtyThrottle throttle;
    private readonly Populate populate;
    private readonly UserPages userPages;
    private readonly KernelStore stores;
    private readonly UserCopy userCopy;
    private WorkCost cost;
    private PageLookup lookup;
    private CallProgress? running;

    /// <summary>Boots the kernel of a machine.</summary>
    /// <param name="settings">The machine.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="observer">Hears of mappings; see <see cref="IMmObserver"/>.</param>
    /// <param name="injector">Makes things fail; null if nothing is to.</param>
    public Kernel(MachineSettings settings, ulong seed, IMmObserver observer, FaultInjector? injector = null)
    {
        Memory = new KernelMemory(settings) { Faults = injector };
        Panic = new KernelPanic(Log);
        Io = Memory.Io = new IoQueue(Memory, Woken);
        costs = settings.KernelCosts;
        this.observer = observer;
        mapper = new PageMapper(Memory);
        var anonVmas = new AnonVmas(Memory.FaultSwitch);
        DiskLayout? disk = settings.Disks.Count == 0 ? null : new DiskLayout(0, settings.Disks[0], Io.SectorsPerPage);
        Objects = new SharedObjects(Memory.Geometry.PageShift, Woken) { Disk = disk };
        Rmap = new RmapWalk(Memory, mapper, anonVmas, Objects.ById);
        references = new PageReferences(Memory, mapper, Rmap);
        Lifecycle = new MmLifecycle(Memory, mapper);
        processWalk = new ProcessWalk(Memory, mapper, Lifecycle);
        Memory.Lru = MakeLru(settings, seed);
        var pages = filePages = new FilePages(Memory, Inserts, Io, disk, observer);
        MemoryFailure = new MemoryFailure(Memory, mapper, Rmap, pages, Objects.ById, Log);
        reclaimer = new Reclaimer(Memory, mapper, Rmap, pages, Objects.ById, Io,
            nowNs => Flusher!.WakeForReclaim(nowNs));
        ReclaimDaemon = new ReclaimDaemon(Memory, reclaimer, Io, WakeStalled, KillForMemory);
        Overcommit = new Overcommit(Memory, Lifecycle, Objects);
        Pressure = new PressureStall(Memory.Map, settings.Cpus, Memory.Mutant);
        Proc = new ProcFs(Memory, Tasks, Overcommit, Pressure);
        var limits = new SpaceLimits(Overcommit, Memory.Geometry.PageShift);
        faults = new PageFaultHandler(Memory, mapper, anonVmas, pages, Objects, limits, observer);
        counts = new FaultCounts(Memory.Stat, Memory.Groups?.Root);
        Ksm = new KsmDaemon(Memory, mapper, Lifecycle);
        userPages = new UserPages(Memory, mapper, faults, counts);
        populate = new Populate(Memory, userPages);
        stores = new KernelStore(Memory, mapper, faults, counts);
        userCopy = new UserCopy(Memory, userPages, observer);
        Census = new VmaCensus(Memory, mapper);
        var users = new MmUsers(Lifecycle, observer, Census);
        var loader = new ImageLoader(Memory.Geometry, Objects, observer);
        var unmap = new UnmapRegion(Memory, mapper);
        FileSystem = new FileSystem(Objects) { HugePool = Memory.Huge.Usual };
        var elf = new ElfLoader(Memory, new ElfMapper(Memory, limits, unmap, FileSystem, observer),
            new SpecialMappings(Memory.Geometry, Objects, observer), new InitialStack(Memory.Geometry, observer, seed));
        Start = new ProcessStart(Tasks, Lifecycle, loader, users, elf, Memory, seed, Objects, FileSystem);
        exit = new TaskExit(Tasks, users, stores, costs, Woken, new FutexTable(Woken, Memory.Mutant));
        oom = new OomKill(Proc.Context, mapper, exit, Start, Log, Panic);
        (Compactor, SoftOffline, MemoryHotplug) = MakeMovers(pages);
        driverBlocks = new Compaction.DriverBlocks(Memory, Compactor, new Compaction.AllocFailure(Proc.Context, Log));
        var mmFork = new MmFork(Memory, mapper, anonVmas, Lifecycle, limits);
        var fork = new TaskFork(Tasks, mmFork, users, Start, stores, observer, Memory);
        exit.Signals = Signals = new SignalSender(exit);
        var cuts = new MappingCut(Memory, mapper, Lifecycle, pages, observer);
        var writeback = new Writeback(Memory, pages, cuts);
        DirtyLimits = new DirtyLimits(Memory);
        Flusher = new Flusher(Memory, pages, writeback, DirtyLimits);
        throttle = new DirtyThrottle(Memory, DirtyLimits);
        (BufferCache.MetadataBlocks? metadata, BufferCache.BufferedWriter? buffered) = MakeBuffers(disk);
        var services = new FileServices(Memory, FileSystem, new SysvSegments(Objects), pages, cuts, writeback,
            new WriterPauses(throttle, Flusher), userPages, userCopy, observer)
        { Metadata = metadata, Buffered = buffered, Processes = Proc.Links };
        var memoryCalls = new MemoryCalls(Memory, mapper, anonVmas, limits, unmap, FileSystem, observer);
        syscalls = new SyscallTable(Memory, memoryCalls, fork, exit, Start, Tasks, Signals, Woken,
            new FileCalls(services, Lifecycle), new UserCalls(services, mapper, anonVmas, memoryCalls.Madvise, Tasks,
                exit.Futexes, Woken, MakeSwapCalls(services, anonVmas), reclaimer, MemoryFailure, SoftOffline));
        Connect();
    }

    /// <summary>Memory of the machine.</summary>
    public KernelMemory Memory { get; }

    /// <summary>Reads and writes of the disks.</summary>
    public IoQueue Io { get; }

    /// <summary>Who waits for which futex.</summary>
    public FutexTable Futexes => exit.Futexes;

    /// <summary>How many dirty pages there may be.</summary>
    public DirtyLimits DirtyLimits { get; }

    /// <summary>Writes dirty files in the background; whoever runs the kernel calls it when it wants to act.</summary>
    public Flusher Flusher { get; }

    /// <summary>/proc and /sys.</summary>
    public ProcFs Proc { get; }

    /// <summary>The process table.</summary>
    public TaskTable Tasks { get; } = new();

    /// <summary>The address spaces.</summary>
    public MmLifecycle Lifecycle { get; }

    /// <summary>What was promised, and how much more may be.</summary>
    public Overcommit Overcommit { get; }

    /// <summary>Takes mappings down.</summary>
    public VmaCensus Census { get; }

    /// <summary>Starts processes.</summary>
    public ProcessStart Start { get; }

    /// <summary>Sends signals.</summary>
    public SignalSender Signals { get; }

    /// <summary>What VMAs map.</summary>
    public SharedObjects Objects { get; }

    /// <summary>Files by path.</summary>
    public FileSystem FileSystem { get; }

    /// <summary>Pages made for the page cache since the caller last took them.</summary>
    public List<PageInsert> Inserts { get; } = [];

    /// <summary>Tasks that became runnable since the caller last took them, in order.</summary>
    public List<TaskStruct> Woken { get; } = [];

    /// <summary>Calls answered with ENOSYS, by number.</summary>
    public IReadOnlyDictionary<int, long> UnknownCalls => syscalls.Unknown;

    /// <summary>How often each kind of fault was served, by <see cref="FaultKind"/>.</summary>
    public IReadOnlyList<long> FaultKinds => counts.Kinds;

    private TrapOutcome ServeTrap(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (Memory.Faults is not null && pages.IsEmpty)
            EnterFaults(trap);
        if (trap.Task.EndsNow && running is not { IsUninterruptible: true })
            return Exit(trap);
        return trap.Kind switch
        {
            TrapKind.PageFault => ServeFault(trap, pages),
            TrapKind.Syscall => ServeSyscall(trap, pages),
            _ => new TrapOutcome(TrapAction.Resume, cost.ToNs(costs)),
        };
    }

    /// <summary>What the page cache is asked, when the last trap came to <see cref="TrapAction.NeedsPages"/>.</summary>
    public ref readonly PageLookup Lookup => ref lookup;

    /// <summary>
    /// What the kernel stores to a task's memory when it puts it on a CPU: its tid, the first time, and its CPU in the
    /// rseq area. The time that it takes, in nanoseconds.
    /// </summary>
    public long ReturnToUser(TaskStruct task, TrapPoint at)
    {
        const int tidBytes = 4, rseqBytes = 32;
        if (task.SetChildTid == 0 && task.RseqArea == 0)
            return 0;
        var work = default(WorkCost);
        Memory.Faults?.Enter(FaultOperation.Schedule, task.Faults, at.NowNs, Memory.Allocator.IsBelowLow);
        Memory.Locks.Enter(at, task.Tid, LockCall.Switch);
        Memory.Groups?.Serve(task);
        if (task.SetChildTid != 0)
            stores.Touch(task, task.Mm, task.SetChildTid, tidBytes, at, ref work);
        task.SetChildTid = 0;
        if (task.RseqArea != 0)
            stores.Touch(task, task.Mm, task.RseqArea, rseqBytes, at, ref work);
        return Memory.Locks.Leave(work.ToNs(costs));
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    // Out of line, so that page faults need not clear what the locals of calls would take.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TrapOutcome ServeSyscall(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (trap.Request.Nr == TracerCalls.Touch)
            return ServeTouch(trap, pages);
        if (!pages.IsEmpty)
        {
            running!.Take(pages);
            return Continue(trap, running);
        }

        TaskStruct task = trap.Task;
        Proc.Context.NowNs = trap.At.NowNs;
        cost.FixedNs += costs.SyscallNs;
        if (task.Suspended is { } suspended)
        {
            task.Suspended = null;
            suspended.At = trap.At;
            suspended.Cost = cost;
            return Continue(trap, suspended);
        }

        if (trap.Request.Nr is DriverCalls.Allocate or DriverCalls.Free)
            return ServeDriver(trap);
        var call = new SyscallContext(task, trap.Request, trap.At);
        if (trap.Request.Nr == TracerCalls.Read)
        {
            var read = new CallProgress(call) { Cost = cost };
            read.Steps = TracerRead.Run(read, userPages, Memory.Geometry.PageBytes);
            return Continue(trap, read);
        }

        long refusals = Memory.Refusals;
        long allocated = Memory.Stat.AllocatedPages;
        if (!Memory.Locks.BeginCall(task, trap.Request, cost))
            return SleepForLock(trap, costs.SyscallNs);
        SyscallEffect effect = syscalls.Invoke(call, ref cost);
        Memory.Locks.EndCall(task.Result, cost);
        if (Memory.Refusals != refusals && task.Result.Errno == Errno.ENOMEM)
            return StallCall(trap, Memory.Stat.AllocatedPages - allocated);
        if (effect.Action == TrapAction.Exit)
            return Exit(trap);
        if (effect.Action == TrapAction.Block && task.IsInterruptible && task.Signals.HasDeliverable)
        {
            task.State = TaskState.Runnable;
            task.Result = SyscallResult.Fail(Errno.EINTR);
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        }

        CallProgress? progress = effect.Call;
        if (!effect.Populate.IsEmpty || effect.Writes is { Count: > 0 })
        {
            progress = new CallProgress(call) { Result = task.Result };
            progress.Steps = Prepare(progress, effect.Populate, effect.Writes ?? []);
        }

        if (progress?.Steps is null)
            return new TrapOutcome(effect.Action, cost.ToNs(costs), effect.WakeAtNs);
        progress.Cost = cost;
        return Continue(trap, progress);
    }

    // Faults in what the call asked for, and writes what execve has to: arguments, the ends of data segments, the
    // auxiliary vector.
    private IEnumerator<PageLookup> Prepare(CallProgress call, PopulateRange range, IReadOnlyList<ExecWrite> writes)
    {
        for (var steps = populate.Run(call, range); steps.MoveNext();)
            yield return steps.Current;
        foreach (ExecWrite write in writes)
        {
            var copy = write.Bytes is null ? userCopy.ClearUser(call, write.Address, write.Count)
                : userCopy.CopyToUser(call, write.Address, write.Bytes);
            while (copy.MoveNext())
                yield return copy.Current;
        }
    }

    private TrapOutcome Needs(in PageLookup wanted)
    {
        lookup = wanted;
        return new TrapOutcome(TrapAction.NeedsPages);
    }

    // Goes on with a call up to its next look-up, its next wait, or its end.
    private TrapOutcome Continue(Trap trap, CallProgress call)
    {
        running = call;
        if (!call.Steps!.MoveNext())
        {
            running = null;
            cost = call.Cost;
            trap.Task.Result = call.Result;
            if (call.Raises != Signal.None)
                Signals.SendTo(trap.Task, new SignalInfo(call.Raises, SignalCode.SiUser, 0), trap.Task);
            return call.Action == TrapAction.Exit || trap.Task.Group.ExitSignal != Signal.None
                || trap.Task.GroupExiting ? Exit(trap) : new TrapOutcome(call.Action, cost.ToNs(costs), call.WakeAtNs);
        }

        PageLookup wanted = call.Steps.Current;
        if (wanted.Mapping is not null)
            return Needs(wanted);
        running = null;
        cost = call.Cost;
        trap.Task.Suspended = call;
        if (call.IsOutOfMemory)
        {
            call.IsOutOfMemory = false;
            return OutOfMemory(trap);
        }

        if (call.WaitsForLock)
        {
            call.WaitsForLock = false;
            return SleepForLock(trap, 0);
        }

        if (!call.WaitsFor.IsNone)
        {
            Io.Wait(call.WaitsFor, trap.Task);
            call.WaitsFor = Pfn.None;
            return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
        }

        if (call.WaitsForOrder is not null || call.WantsOomKill)
            return WaitForBlock(trap, call);
        if (call.WaitsForOffline)
        {
            call.WaitsForOffline = false;
            return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
        }

        if (call.IsThrottled)
        {
            call.IsThrottled = false;
            trap.Task.State = TaskState.WaitingForIo;
            var outcome = new TrapOutcome(TrapAction.Block, cost.ToNs(costs), call.WakeAtNs);
            call.WakeAtNs = -1;
            return outcome;
        }

        trap.Task.State = call.WaitsForChild ? TaskState.WaitingForChild : TaskState.WaitingForFile;
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs), call.WakeAtNs);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TrapOutcome Kill(Trap trap, FaultOutcome outcome, SignalCode code, ulong address)
    {
        cost.FixedNs += costs.SignalNs;
        Memory.Trace?.Emit(Tracepoint.SignalGenerate, (long)outcome.Signal, (long)code, trap.Task.Tid);
        if (code == SignalCode.SiKernel)
            counts.Count(trap.Task, outcome);
        if (SignalSender.Force(trap.Task, new SignalInfo(outcome.Signal, code, address)))
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        ThreadGroup group = trap.Task.Group;
        group.ExitSignal = outcome.Signal;
        group.ExitSignalCode = code;
        group.ExitSignalAddress = address;
        exit.EndOthers(group, trap.Task);
        return Exit(trap);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private TrapOutcome Exit(Trap trap)
    {
        exit.Exit(trap.Task, trap.At, ref cost);
        if (trap.Task.Group.IsDead)
            driverBlocks.Release(trap.Task.Group.Pid);
        return new TrapOutcome(TrapAction.Exit, cost.ToNs(costs));
    }
}
