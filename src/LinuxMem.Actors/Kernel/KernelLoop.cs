using LinuxMem.Actors.Auditing;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// The kernel's side of the rounds: takes the CPUs' reports, serves traps and events in the order of virtual time,
/// grants the CPUs their next stretch. Plain code; the actor around it only passes messages on.
/// </summary>
/// <remarks>
/// A round: grants go out; when the last report is in, the kernel phase serves every step that no CPU can still
/// overtake (<see cref="Conductor"/>); then new grants. The phase stops in between to ask the page cache, with nothing
/// else under way.
/// </remarks>
public sealed partial class KernelLoop : IDisposable
{
    private const int ProgressEveryRounds = 2048;
    private readonly Scenario scenario;
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private readonly CpuState[] cpus;
    private readonly Dispatcher dispatcher;
    private readonly RoundGrants grants;
    private readonly RoundWork work;
    private readonly DeviceLinks devices;
    private readonly SwapLink swap;
    private readonly StepGrid steps;
    private readonly HotplugPlan hotplug;
    private readonly KsmAlarm ksm;
    private readonly Func<TimedEvent, bool> isStale;
    private readonly LockAlarms locks;
    private readonly ContentCommitter contents;
    private readonly BitCommitter bits;
    private readonly IMachinePorts ports;
    private readonly StepTrace? trace;
    private readonly MachineAudit audit;
    private readonly ActorCrashes? crashes;
    private readonly PageCacheRequest request = new();
    private readonly KernelHistory history = new();
    private readonly FreeChoices? choices;
    private readonly Trap trap = new();
    private int trapCpu = -1;
    private int outstanding;
    private bool answerDue;
    private bool hasFreed;
    private long rounds;
    private readonly PausePoints pauses;
    private bool ending;

    /// <summary>Boots the machine of a scenario.</summary>
    public KernelLoop(Scenario scenario, IMachinePorts ports)
    {
        this.scenario = scenario;
        this.ports = ports;
        MachineSettings machine = scenario.Machine;
        audit = new MachineAudit(scenario);
        kernel = new Mm.Kernel(machine, scenario.Seed, audit.MmObserver, FaultInjector.For(scenario));
        kernel.Memory.Locks.Statistics = new LockStatistics { IsOn = scenario.Engine.LockStatistics };
        conductor = new Conductor(machine.Cpus, scenario.Engine.WindowNs, machine.KernelCosts.IpiNs);
        cpus = new CpuState[machine.Cpus];
        work = new RoundWork(machine.Cpus);
        for (int cpu = 0; cpu < cpus.Length; cpu++)
        {
            ulong seed = Simulation.Random.RandomStream.Derive(scenario.Seed, "tlb", (ulong)cpu);
            var mmu = new Mmu(cpu, kernel.Memory.Ram, machine.Paging, machine.Tlb, machine.MmuCosts, seed);
            cpus[cpu] = new CpuState(new CpuSlot(cpu, mmu, kernel.Memory.Coherence[cpu]));
        }

        trace = StepTrace.Of(scenario.Engine.Events, kernel, machine.Cpus);
        choices = FreeChoices.Open(scenario);
        if (choices is not null)
        {
            kernel.Memory.Coherence.DelayOf = choices.IpiDelayNs;
            kernel.Io.DelayOf = choices.IoDelayNs;
        }

        dispatcher = new Dispatcher(kernel, conductor, cpus, machine, ports, choices)
        {
            Trace = trace,
        };
        contents = new ContentCommitter(kernel.Memory.Ram, cpus, audit.ContentObserver);
        bits = new BitCommitter(new HardwareBits(kernel.Memory), cpus);
        kernel.Memory.Coherence.GatherReady = (id, atNs) => conductor.Events.Plan(atNs, EventKind.GatherDone, id);
        kernel.Memory.Coherence.Watch.Plan = (atNs, wait) => conductor.Events.Plan(atNs, EventKind.CsdTimeout, wait);
        kernel.Tasks.CpuTimes = new CpuTimes(cpus);
        pauses = new PausePoints(
            scenario, kernel, () => contents.CommitBefore(long.MaxValue, int.MaxValue));
        devices = new DeviceLinks(kernel, conductor, machine.Disks, ports, audit.Counters);
        swap = new SwapLink(kernel.Memory.Swap, ports, audit.Counters);
        steps = new StepGrid(kernel, conductor, machine);
        hotplug = new HotplugPlan(scenario.Hotplug, conductor.Events, dispatcher, kernel);
        ksm = new KsmAlarm(kernel, conductor);
        isStale = IsStaleWake;
        locks = new LockAlarms(kernel, conductor);
        grants = new RoundGrants(conductor, cpus, pauses, devices, steps, hotplug, ports) { Ksm = ksm, Work = work };
        if (scenario.Faults.CutsPower)
            kernel.Io.Durability = DurabilityCheck.Of(
                kernel.Memory, () => kernel.FileSystem.Objects.Files, scenario.Faults.KeepsMedium);
        crashes = ActorCrashes.Of(kernel.Memory.Faults, ports, [.. machine.Disks.Select(disk => disk.Name)]);
        if (crashes is not null)
            kernel.Io.Submitted = crashes.Submits;
        audit.Boot(kernel, cpus, conductor);
    }

    /// <summary>What came of the run, when it has ended.</summary>
    public RunResult? Result { get; private set; }

    /// <summary>Starts the run.</summary>
    public void Start()
    {
        ports.SpreadWork(work.Pays);
        for (int i = 0; i < scenario.Processes.Count; i++)
            conductor.Events.Plan(scenario.Processes[i].StartNs, EventKind.StartProcess, i);
        RunPhase();
    }

    /// <summary>Takes a CPU's report; the last one of the round starts the kernel phase.</summary>
    public void OnReport(CpuSlot slot)
    {
        KernelBug.Assert(outstanding > 0, $"I49 violated: cpu{slot.Cpu} reports without a grant");
        CpuState state = cpus[slot.Cpu];
        if (!slot.FlushOnly)
        {
            bool trapped = slot.Stop != CpuStop.Deadline || slot.NowNs >= state.SliceEndNs;
            conductor.Report(slot.Cpu, slot.NowNs, trapped);
        }

        bits.Reported(state);
        state.Reports.Take(slot.ReportNumber);
        audit.Counters.ReportsDelivered++;
        work.Reported(slot);
        if (--outstanding == 0)
            RunPhase();
    }

    /// <summary>Takes a device's answer; when all have answered, the phase goes on.</summary>
    public void OnDevice(BlockExchange answer)
    {
        devices.OnAnswer(answer);
        kernel.SettleReclaim();
        dispatcher.PlaceWoken(conductor.ServedNs);
        if (!devices.IsWaiting)
            RunPhase();
    }

    /// <summary>Takes the answer of the owner of swap and goes on where the question arose.</summary>
    public void OnSwap(SwapExchange answer)
    {
        switch (swap.OnAnswer(answer))
        {
            case SwapLink.Next.Trap:
                ServeTrap(swap.Found);
                break;
            case SwapLink.Next.StepOver:
                EndStep();
                break;
            case SwapLink.Next.Audit:
                AskExport();
                return;
        }

        RunPhase();
    }

    /// <summary>What looks for broken invariants.</summary>
    internal MachineAudit Audit => audit;

    /// <summary>The machine's kernel.</summary>
    internal Mm.Kernel Kernel => kernel;

    /// <inheritdoc/>
    public void Dispose()
    {
        trace?.End();
        foreach (CpuState state in cpus)
            state.Slot.Mmu.Dispose();
        kernel.Dispose();
    }

    private void RunPhase()
    {
        while (!answerDue && !devices.IsWaiting && !swap.IsWaiting)
        {
            if (crashes is not null && trapCpu < 0 && (crashes.IsWaiting || crashes.TryStrike(IsAlive, Panics)))
                return;
            if (!FreesMore() && swap.Flush())
                return;
            if (AsksFirst())
                return;

            devices.PlanFlusher();
            ksm.Plan(isStale);
            locks.Plan();
            devices.PlanLate();
            // Once the alarms are set: one that is set later, or not at all, may have stood before it.
            DropStaleWakes();
            bool canServe = conductor.TryNext(out long atNs, out int cpu) && !grants.MustFlushFirst(cpu);
            if ((!canServe || devices.MustHandIn(atNs)) && devices.HandIn())
                return;
            if (kernel.Panic.Happened is not null || kernel.Stall is not null)
            {
                pauses.Stop(conductor.ServedNs);
            }
            else if (canServe && pauses.NextNs <= atNs)
            {
                bits.CommitBefore(pauses.NextNs, -1);
                pauses.Reach(atNs);
                // What happened there may have something follow at once, before what was next until now.
                if (!pauses.RunIsOver)
                    continue;
            }

            if (!canServe || pauses.RunIsOver)
            {
                EndPhase();
                return;
            }

            conductor.Serve(atNs);
            kernel.Memory.Locks.CheckIdle();
            trace?.Serve(atNs);
            kernel.Io.NowNs = atNs;
            contents.CommitBefore(atNs, cpu);
            bits.CommitBefore(atNs, cpu);
            audit.Counters.Steps++;
            if (cpu < 0)
                ServeEvent(conductor.Events.Pop());
            else
                BeginTrap(cpu);
        }
    }

    // A sleep that a signal has ended leaves its event behind: it must wake no later sleep, nor keep the machine
    // running.
    private void DropStaleWakes()
    {
        while (conductor.Events.Count > 0 && IsStaleWake(conductor.Events.Peek()))
            conductor.Events.Pop();
    }

    private bool IsStaleWake(TimedEvent planned) =>
        planned.Kind == EventKind.WakeTask && !kernel.SleepsUntil(planned.Argument, planned.AtNs);

    private void BeginTrap(int cpu)
    {
        CpuSlot slot = cpus[cpu].Slot;
        TaskStruct task = cpus[cpu].Task!;
        audit.Counters.TrapsBegun++;
        hasFreed = false;
        trapCpu = cpu;
        trap.Task = task;
        trap.At = new TrapPoint(cpu, conductor.ClockOf(cpu));
        cpus[cpu].EnterKernel(trap.At.NowNs);
        kernel.Memory.Locks.CpuUntilNs = dispatcher.OwnUntilNs(cpu);
        if (task.Unfinished is { } unfinished)
            GoOn(task, unfinished);
        else
            Take(slot);
        trace?.Begin(trap);
        ServeTrap([]);
    }

    private void ServeTrap(ReadOnlySpan<uint> pages)
    {
        TrapOutcome outcome = kernel.Serve(trap, pages);
        swap.EndLook();
        if (outcome.Action == TrapAction.NeedsPages && SwapOperations.AreaOf(kernel.Lookup.Mapping) >= 0)
        {
            crashes?.AsksSwap();
            swap.Look(kernel.Lookup);
            return;
        }

        if (outcome.Action == TrapAction.NeedsPages)
        {
            request.Question = kernel.Lookup.Present ? PageCacheQuestion.Find : PageCacheQuestion.Lookup;
            request.MappingId = kernel.Lookup.Mapping.Id;
            request.First = kernel.Lookup.First;
            request.Count = kernel.Lookup.Count;
            crashes?.AsksPageCache();
            Ask();
            return;
        }

        long endNs = trap.At.NowNs + outcome.CostNs;
        history.AddTrap(trap, outcome);
        choices?.Pass(history.Value);
        trace?.End(trap, outcome, endNs);
        dispatcher.PlaceWoken(endNs);
        dispatcher.Repin(trapCpu, endNs);
        dispatcher.After(trapCpu, outcome, endNs);
        dispatcher.PlaceWoken(endNs);
        audit.Counters.TrapsServed++;
        crashes?.Served(trapCpu, trap.Task);
        steps.Served(trapCpu, trap.At.NowNs);
        trapCpu = -1;
    }

    private void EndPhase()
    {
        if (NothingLeft())
        {
            if (!ending)
                contents.CommitBefore(long.MaxValue, int.MaxValue);
            bits.CommitBefore(long.MaxValue, int.MaxValue);
            ending = true;
            pauses.End(conductor.ServedNs);
        }
        else
        {
            bits.CommitBefore(Math.Min(conductor.EarliestNs(), pauses.NextNs), -1);
            pauses.Reach(conductor.EarliestNs());
        }

        bool over = ending || pauses.RunIsOver;
        if (audit.IsDue(over))
        {
            AskForAudit();
            return;
        }

        if (over)
            Finish();
        else
            GrantAll();
    }

    private bool NothingLeft() =>
        conductor.Events.Count == 0 && !grants.HasIdleCommands() && conductor.EarliestNs() == long.MaxValue;

    private void GrantAll()
    {
        long earliestNs = conductor.EarliestNs();
        if (earliestNs != long.MaxValue && earliestNs > scenario.Engine.MaxVirtualNs)
            throw new ConfigurationException(
                $"the run has not ended after {scenario.Engine.MaxVirtualNs} ns of virtual time (engine.maxVirtual)");
        rounds++;
        if (work.EndRound())
            ports.SpreadWork(work.Pays);
        // No CPU can come before this any more; without it, logs would grow as long as nobody traps.
        contents.CommitBefore(earliestNs, -1);
        // Counted before the first grant goes out: a report may come back at once.
        int count = grants.Prepare(earliestNs);
        outstanding += count;
        audit.Counters.GrantsSent += count;
        grants.Send();
        if (rounds % ProgressEveryRounds == 0 && ports.WantsProgress)
            ports.Report(Progress(earliestNs));
    }
}
