using LinuxMem.Abi;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm;

/// <summary>
/// The kernel's memory management as one object: traps in, outcomes and costs out. No clock, no I/O, no messages.
/// </summary>
/// <remarks>
/// One trap is served at a time. Where the page cache must be asked, <see cref="Serve"/> returns NeedsPages and is
/// called again with the answer, until the outcome is another. Between traps the caller takes what
/// <see cref="Inserts"/>, <see cref="Woken"/> and <see cref="SharedObjects.Dead"/> have gathered.
/// </remarks>
public sealed class Kernel : IDisposable
{
    private const long OomRetryNs = 1_000_000;
    private readonly PageMapper mapper;
    private readonly PageFaultHandler faults;
    private readonly SyscallTable syscalls;
    private readonly TaskExit exit;
    private readonly KernelCosts costs;
    private readonly long[] faultKinds = new long[Enum.GetValues<FaultKind>().Length];
    private WorkCost cost;
    private PopulateRange populate;
    private IReadOnlyList<ExecWrite> writes = [];
    private int writesDone;

    /// <summary>Boots the kernel of a machine.</summary>
    /// <param name="settings">The machine.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="observer">Hears of mappings; see <see cref="IMmObserver"/>.</param>
    public Kernel(MachineSettings settings, ulong seed, IMmObserver observer)
    {
        Memory = new KernelMemory(settings);
        costs = settings.KernelCosts;
        mapper = new PageMapper(Memory);
        var anonVmas = new AnonVmas();
        faults = new PageFaultHandler(Memory, mapper, anonVmas, Inserts, Objects, observer);
        Lifecycle = new MmLifecycle(Memory, mapper, Objects);
        var users = new MmUsers(Lifecycle, observer);
        var loader = new ImageLoader(Memory.Geometry, Objects, observer);
        var unmap = new UnmapRegion(Memory, mapper, Objects);
        var elf = new ElfLoader(Memory, new ElfMapper(Memory, unmap, Objects, observer),
            new SpecialMappings(Memory.Geometry, Objects, observer), new InitialStack(Memory.Geometry, observer, seed));
        Start = new ProcessStart(Tasks, Lifecycle, loader, users, elf, settings, seed);
        exit = new TaskExit(Tasks, users, costs, Woken);
        var fork = new TaskFork(Tasks, new MmFork(Memory, mapper, anonVmas, Lifecycle), users, Start, observer, costs);
        exit.Signals = Signals = new SignalSender(exit);
        syscalls = new SyscallTable(
            Memory, unmap, mapper, Objects, observer, fork, exit, Start, Tasks, Signals, Woken);
    }

    /// <summary>Memory of the machine.</summary>
    public KernelMemory Memory { get; }

    /// <summary>The process table.</summary>
    public TaskTable Tasks { get; } = new();

    /// <summary>The address spaces.</summary>
    public MmLifecycle Lifecycle { get; }

    /// <summary>Starts processes.</summary>
    public ProcessStart Start { get; }

    /// <summary>Sends signals.</summary>
    public SignalSender Signals { get; }

    /// <summary>What VMAs map.</summary>
    public SharedObjects Objects { get; } = new();

    /// <summary>Pages made for the page cache since the caller last took them.</summary>
    public List<PageInsert> Inserts { get; } = [];

    /// <summary>Tasks that became runnable since the caller last took them, in order.</summary>
    public List<TaskStruct> Woken { get; } = [];

    /// <summary>Calls answered with ENOSYS, by number.</summary>
    public IReadOnlyDictionary<int, long> UnknownCalls => syscalls.Unknown;

    /// <summary>How often each kind of fault was served, by <see cref="FaultKind"/>.</summary>
    public IReadOnlyList<long> FaultKinds => faultKinds;

    /// <summary>Whether a leaf entry names a frame.</summary>
    public bool IsMapped(ulong entry) => mapper.IsMapped(entry);

    /// <summary>Serves a trap, or goes on with it when <paramref name="pages"/> brings what it asked for.</summary>
    /// <param name="trap">The trap.</param>
    /// <param name="pages">Empty the first time; then the page cache's answer.</param>
    public TrapOutcome Serve(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (pages.IsEmpty)
            cost = new WorkCost { FixedNs = costs.EntryNs };
        if (trap.Task.GroupExiting)
            return Exit(trap);
        return trap.Kind switch
        {
            TrapKind.PageFault => ServeFault(trap, pages),
            TrapKind.Syscall => ServeSyscall(trap, pages),
            _ => new TrapOutcome(TrapAction.Resume, cost.ToNs(costs)),
        };
    }

    /// <summary>Whether a task still sleeps until a moment: it has neither ended nor been woken since.</summary>
    public bool SleepsUntil(int tid, long atNs) =>
        Tasks.Find(tid) is { State: TaskState.Sleeping } task && task.WakeAtNs == atNs;

    /// <summary>Wakes a sleeping task. Precondition: <see cref="SleepsUntil"/>.</summary>
    public void WakeSleeper(int tid)
    {
        TaskStruct task = Tasks.Find(tid)!;
        exit.Wake(task, task.Result);
    }

    /// <inheritdoc/>
    public void Dispose() => Memory.Dispose();

    private TrapOutcome ServeFault(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (trap.NonCanonical)
            return Kill(trap, new FaultOutcome(FaultKind.SegvMapErr, Signal.SigSegv, SignalCode.SiKernel), 0);
        if (pages.IsEmpty)
            cost.FixedNs += costs.FaultNs;
        FaultOutcome outcome = faults.Handle(trap.Task.Mm, trap.Address, trap.Access, trap.At, pages, ref cost);
        if (outcome.Kind == FaultKind.NeedsPages)
            return new TrapOutcome(TrapAction.NeedsPages, Lookup: outcome.Lookup);
        faultKinds[(int)outcome.Kind]++;
        if (outcome.Kind == FaultKind.OutOfMemory)
            return OutOfMemory(trap);
        if (outcome.Signal != Signal.None)
            return Kill(trap, outcome, trap.Address);
        Account(trap.Task);
        return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
    }

    private TrapOutcome ServeSyscall(Trap trap, ReadOnlySpan<uint> pages)
    {
        TaskStruct task = trap.Task;
        var call = new SyscallContext(task, trap.Request, trap.At);
        if (pages.IsEmpty)
        {
            cost.FixedNs += costs.SyscallNs;
            SyscallEffect effect = syscalls.Invoke(call, ref cost);
            if (effect.Action == TrapAction.Exit)
                return Exit(trap);
            if (effect.Action == TrapAction.Block && task.IsInterruptible && task.Signals.HasDeliverable)
            {
                task.State = TaskState.Runnable;
                task.Result = SyscallResult.Fail(Errno.EINTR);
                return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
            }

            writes = effect.Writes ?? [];
            writesDone = 0;
            if (effect.Populate.IsEmpty && writes.Count == 0)
                return new TrapOutcome(effect.Action, cost.ToNs(costs), effect.WakeAtNs);
            populate = effect.Populate;
            BeginWrite();
        }

        return Populate(trap, pages);
    }

    // Faults the pages of a range in, as far as memory reaches: like Linux, a call that asked for it does not fail for
    // it.
    private TrapOutcome Populate(Trap trap, ReadOnlySpan<uint> pages)
    {
        Mm mm = trap.Task.Mm;
        while (!populate.IsEmpty)
        {
            PteSlot slot = Memory.Tables.Find(mm, populate.Start);
            if (!slot.Exists || Memory.Tables.Read(slot) == 0)
            {
                FaultOutcome outcome = faults.Handle(mm, populate.Start, PopulateAccess(mm), trap.At, pages, ref cost);
                pages = [];
                if (outcome.Kind == FaultKind.NeedsPages)
                    return new TrapOutcome(TrapAction.NeedsPages, Lookup: outcome.Lookup);
                if (outcome.Kind == FaultKind.OutOfMemory || outcome.Signal != Signal.None)
                    break;
                faultKinds[(int)outcome.Kind]++;
                Account(trap.Task);
            }

            populate = populate with { Start = populate.Start + Memory.Geometry.PageBytes };
            if (populate.IsEmpty && writesDone < writes.Count)
                BeginWrite();
        }

        populate = default;
        return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
    }

    // The pages that execve writes to: arguments, the ends of data segments, the auxiliary vector.
    private void BeginWrite()
    {
        if (writesDone == writes.Count)
            return;
        ExecWrite write = writes[writesDone++];
        populate = new PopulateRange(write.Address & ~Memory.Geometry.PageOffsetMask, write.Address + write.Count);
    }

    // populate_vma_page_range: private writable pages are written to, so that they are broken out of copy-on-write at
    // once.
    private AccessKind PopulateAccess(Mm mm)
    {
        var vma = mm.Vmas.Tree.Find(populate.Start);
        const Vmas.VmFlags both = Vmas.VmFlags.Write | Vmas.VmFlags.Shared;
        return vma is not null && (vma.Flags & both) == Vmas.VmFlags.Write ? AccessKind.Write : AccessKind.Read;
    }

    private void Account(TaskStruct task)
    {
        Memory.Stat.Add(VmEvent.PgFault);
        task.Group.MinFlt++;
    }

    private TrapOutcome Kill(Trap trap, FaultOutcome outcome, ulong address)
    {
        cost.FixedNs += costs.SignalNs;
        if (outcome.Code == SignalCode.SiKernel)
            faultKinds[(int)outcome.Kind]++;
        if (SignalSender.Force(trap.Task, new SignalInfo(outcome.Signal, outcome.Code, address)))
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        ThreadGroup group = trap.Task.Group;
        group.ExitSignal = outcome.Signal;
        group.ExitSignalCode = outcome.Code;
        group.ExitSignalAddress = address;
        exit.EndOthers(group, trap.Task);
        return Exit(trap);
    }

    private TrapOutcome Exit(Trap trap)
    {
        exit.Exit(trap.Task, trap.At, ref cost);
        return new TrapOutcome(TrapAction.Exit, cost.ToNs(costs));
    }

    // The task tries again in a while, unless it is the one to die.
    private TrapOutcome OutOfMemory(Trap trap)
    {
        ThreadGroup? victim = OomKiller.Select(Tasks, Memory.Allocator.ManagedPages, out bool victimDying);
        if (victim is not null)
        {
            Memory.Stat.Add(VmEvent.OomKill);
            victim.ExitSignal = Signal.SigKill;
            exit.EndOthers(victim, trap.Task);
            if (victim == trap.Task.Group)
                return Exit(trap);
        }
        else
        {
            KernelBug.Assert(victimDying, "memory is out and no process can be killed");
        }

        trap.Task.State = TaskState.Sleeping;
        trap.Task.InSleepCall = false;
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs), trap.At.NowNs + OomRetryNs);
    }
}
