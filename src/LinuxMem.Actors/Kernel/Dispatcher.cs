using LinuxMem.Abi;
using LinuxMem.Mm;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Sched;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>Puts tasks on CPUs and takes them off: switches, slices, idling, placement of those that wake.</summary>
public sealed class Dispatcher
{
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private readonly CpuState[] cpus;
    private readonly RunQueues queues;
    private readonly MachineSettings settings;
    private readonly FreeChoices? choices;
    private readonly Func<TaskStruct, Akka.Actor.IActorRef> processOf;
    private readonly Action<ThreadGroup> ended;

    /// <summary>Over a machine; <paramref name="ports"/> knows the actors of processes, and
    /// <paramref name="choices"/>, if any, decides where the machine is free to.</summary>
    public Dispatcher(Mm.Kernel kernel, Conductor conductor, CpuState[] cpus, MachineSettings settings,
        IMachinePorts ports, FreeChoices? choices)
    {
        this.choices = choices;
        this.kernel = kernel;
        this.conductor = conductor;
        this.cpus = cpus;
        this.settings = settings;
        processOf = ports.ProcessOf;
        ended = ports.Ended;
        queues = new RunQueues(cpus.Length, tid => kernel.Tasks.Find(tid)?.Affinity);
    }

    /// <summary>Hears of switches and wakings; null if nobody listens.</summary>
    public StepTrace? Trace { get; init; }

    /// <summary>
    /// Goes on with what a trap made of its task. <paramref name="endNs"/> is when the service is over.
    /// </summary>
    public void After(int cpu, in TrapOutcome outcome, long endNs)
    {
        CpuState state = cpus[cpu];
        TaskStruct task = state.Task!;
        bool mayStay = queues.MayRun(cpu, task.Affinity);
        if (outcome.Action is TrapAction.Resume && mayStay && endNs >= state.SliceEndNs)
            queues.Balance(cpu);
        bool preempts = choices is not null && queues.HasWaiting(cpu) && choices.Preempts(task);
        if (outcome.Action is TrapAction.Resume && !preempts && mayStay
            && (endNs < state.SliceEndNs || !queues.HasWaiting(cpu)))
        {
            if (endNs >= state.SliceEndNs)
                state.SliceEndNs = endNs + settings.SliceNs;
            Resume(cpu, task, endNs);
            return;
        }

        bool waits = outcome.Action is TrapAction.Block or TrapAction.Exit;
        Leave(cpu, endNs, waits ? 1 : 0, !waits && (!mayStay || queues.HasWaiting(cpu)) ? 1 : 0);
        if (waits)
            kernel.Pressure.CannotRun(task, conductor.ServedNs);
        if (outcome.Action == TrapAction.Block && task.State == TaskState.WaitingForIo)
        {
            task.InIoWait = true;
            state.AddIoWaiter(1, endNs);
        }

        switch (outcome.Action)
        {
            case TrapAction.Resume or TrapAction.Yield:
                task.ReadyNs = endNs; // another CPU, whose clock is behind, may take it
                if (mayStay)
                    queues.Enqueue(cpu, task.Tid);
                else
                    Migrate(task, endNs);
                break;
            case TrapAction.Block when outcome.WakeAtNs >= 0:
                task.WakeAtNs = Math.Max(outcome.WakeAtNs, endNs) + (choices?.TimerSlackNs(task) ?? 0);
                conductor.Events.Plan(task.WakeAtNs, EventKind.WakeTask, task.Tid);
                break;
            case TrapAction.Block:
                task.WakeAtNs = -1;
                // Who lets the lock go may do so before the task is asleep.
                if (task.State == TaskState.WaitingForLock)
                    task.ReadyNs = endNs;
                break;
            case TrapAction.Exit when task.Group.IsDead:
                ended(task.Group);
                break;
        }

        // A task that may not stay is back where none of the CPUs that it wants is there.
        if (state.Task is null)
            RunNext(cpu, endNs);
    }

    /// <summary>
    /// Tasks whose CPUs the task on a CPU has just changed leave those that they may not use: who waits there, at
    /// once; who runs there, by an interrupt, if it shares the caller's address space, since then no CPU has run past
    /// that; others when they trap.
    /// </summary>
    public void Repin(int caller, long atNs)
    {
        List<TaskStruct> tasks = kernel.Memory.Repinned;
        if (tasks.Count == 0)
            return;
        foreach (TaskStruct task in tasks)
        {
            if (queues.WaitsFor(task.Tid) is >= 0 and int waitsFor)
            {
                if (queues.MayRun(waitsFor, task.Affinity))
                    continue;
                queues.Remove(task.Tid);
                Migrate(task, atNs);
                continue;
            }

            int cpu = Array.FindIndex(cpus, state => state.Task == task);
            if (cpu < 0 || cpu == caller || queues.MayRun(cpu, task.Affinity)
                || task.Mm != cpus[caller].Task!.Mm || conductor.PhaseOf(cpu) != CpuPhase.Runnable)
                continue;
            long stopNs = conductor.ServedNs + settings.KernelCosts.IpiNs + 1;
            cpus[cpu].SliceEndNs = Math.Min(cpus[cpu].SliceEndNs, stopNs);
        }

        tasks.Clear();
    }

    /// <summary>Until when the task on a CPU need not make room: the end of its slice if others wait.</summary>
    public long OwnUntilNs(int cpu) => queues.HasWaiting(cpu) ? cpus[cpu].SliceEndNs : long.MaxValue;

    /// <summary>Gives every task that became runnable a CPU or a place in a queue.</summary>
    public void PlaceWoken(long atNs)
    {
        for (int i = 0; i < kernel.Woken.Count; i++)
        {
            choices?.PickNext(kernel.Woken, i);
            TaskStruct task = kernel.Woken[i];
            if (task.InIoWait)
            {
                task.InIoWait = false;
                cpus[task.LastCpu].AddIoWaiter(-1, atNs);
            }

            kernel.Pressure.CanRun(task, conductor.ServedNs);
            Migrate(task, atNs, wakes: true);
        }

        kernel.Woken.Clear();
    }

    /// <summary>
    /// A CPU goes away, or comes. Who waits for one that goes is placed anew; the slice of the task on it ends.
    /// </summary>
    public void SetOnline(int cpu, bool isOnline, long atNs)
    {
        if (queues.IsOnline(cpu) == isOnline)
            return;
        queues.SetOnline(cpu, isOnline);
        kernel.Memory.Online = kernel.Memory.Online.With(cpu, isOnline);
        CpuState state = cpus[cpu];
        if (isOnline)
        {
            // A task that has not left it yet stays.
            if (state.Task is null)
                RunNext(cpu, Math.Max(atNs, conductor.ClockOf(cpu)));
            return;
        }

        for (int tid = queues.TakeWaiting(cpu); tid != 0; tid = queues.TakeWaiting(cpu))
            Migrate(kernel.Tasks.Find(tid)!, atNs);
        if (state.Task is null)
        {
            kernel.Memory.CpuDead(cpu, atNs);
        }
        else if (conductor.PhaseOf(cpu) == CpuPhase.Runnable)
        {
            // One access more: what the task has yet to be told (a result, its program) reaches it with the grant.
            state.SliceEndNs = Math.Min(state.SliceEndNs, conductor.ClockOf(cpu) + 1);
        }
    }

    private void Migrate(TaskStruct task, long atNs, bool wakes = false)
    {
        int cpu = queues.Place(task.LastCpu, task.Affinity);
        if (wakes && choices is not null)
            cpu = choices.Place(queues, cpu, cpus.Length, task);
        if (wakes)
            Trace?.Wakes(task, cpu, atNs);
        bool idle = queues.IsFree(cpu);
        queues.Enqueue(cpu, task.Tid);
        if (idle)
            RunNext(cpu, Math.Max(atNs, conductor.ClockOf(cpu)));
    }

    // Takes the next task, ending on the way those that were killed while they waited.
    private void RunNext(int cpu, long atNs)
    {
        CpuState state = cpus[cpu];
        while (true)
        {
            int tid = queues.PickNext(cpu);
            if (tid == 0)
            {
                Trace?.Picks(cpu, tid, atNs);
                kernel.Memory.Coherence[cpu].Busy = false;
                kernel.Memory.Coherence.EnteredKernel(cpu, atNs, idles: true);
                conductor.Idle(cpu, atNs);
                state.BeginIdle(atNs);
                if (!queues.IsOnline(cpu))
                    kernel.Memory.CpuDead(cpu, atNs);
                return;
            }

            TaskStruct task = kernel.Tasks.Find(tid)!;
            atNs = Math.Max(atNs, task.ReadyNs);
            Trace?.Picks(cpu, tid, atNs);
            if (state.IdleSinceNs >= 0)
                state.EndIdle(atNs);
            if (tid != state.LastTid)
            {
                state.ContextSwitches++;
                atNs += settings.KernelCosts.ContextSwitchNs;
                state.BusyNs += settings.KernelCosts.ContextSwitchNs;
            }

            state.LastTid = tid;
            state.Task = task;
            task.LastCpu = cpu;
            state.BeginSlice(atNs);
            if (task.GoesOn())
            {
                state.SliceEndNs = atNs + settings.SliceNs;
                Switch(state, task, atNs);
                kernel.Memory.Coherence.EnteredKernel(cpu, atNs, idles: false);
                task.ReturnsLate = true;
                conductor.GoOn(cpu, atNs);
                return;
            }

            if (!task.EndsNow)
            {
                atNs += kernel.ReturnToUser(task, new TrapPoint(cpu, atNs));
                state.SliceEndNs = atNs + settings.SliceNs - (choices?.SliceCutNs(task, settings.SliceNs) ?? 0);
                Resume(cpu, task, atNs);
                return;
            }

            TrapOutcome outcome = kernel.Serve(new Trap(TrapKind.SliceEnd, task, new TrapPoint(cpu, atNs)), []);
            atNs += outcome.CostNs;
            Leave(cpu, atNs, 1, 0);
            kernel.Pressure.CannotRun(task, conductor.ServedNs);
            if (task.Group.IsDead)
                ended(task.Group);
        }
    }

    private void Resume(int cpu, TaskStruct task, long atNs)
    {
        CpuState state = cpus[cpu];
        if (task.ReturnsLate)
        {
            task.ReturnsLate = false;
            atNs += kernel.ReturnToUser(task, new TrapPoint(cpu, atNs));
        }

        // A slice that ended before the task resumed would be none.
        if (choices is not null)
            atNs += choices.ResumeDelayNs(task, state.SliceEndNs - atNs - 1);
        // A task that goes on where it was needs no switch: the usual case, a page fault or a call.
        if (state.Slot.Tid != task.Tid || state.Slot.Context != task.Mm.Context)
            Switch(state, task, atNs);
        kernel.Memory.Coherence.EnteredKernel(cpu, atNs, idles: false);
        if (task.Signals.HasDeliverable)
            SignalSender.Deliver(task);
        if (task.DropsBatch)
        {
            task.DropsBatch = false;
            state.Slot.Batch?.Reset();
        }

        state.Slot.Result = task.Result;
        task.Result = default;
        state.EnterUser(atNs);
        state.Slot.KnownChanges = task.Mm.Context.History.Changes;
        conductor.Resume(cpu, atNs);
    }

    private void Switch(CpuState state, TaskStruct task, long atNs)
    {
        Messages.CpuSlot slot = state.Slot;
        // The CPU is in the kernel since what is served began: what its tag's former owner left is forgotten from then
        // on, and not when the switch is over, since frames may be freed in between.
        slot.Asid = kernel.Memory.Coherence.SwitchTo(slot.Cpu, task.Mm, Math.Min(atNs, conductor.ServedNs));
        slot.Tlb.Busy = true;
        slot.Tid = task.Tid;
        slot.Context = task.Mm.Context;
        slot.Accesses = task.Accesses;
        slot.Signals = task.Signals.Delivered;
        slot.Process = processOf(task);
        if (task.Batch is not null)
        {
            slot.Batch = task.Batch;
            task.Batch = null;
        }

        if (task.Started)
            return;
        task.Started = true;
        slot.NewProgram = task.Program;
        slot.Start = new ProgramStart(
            task.Group.Pid, task.Tid, task.Seed, task.Mm.Context.Geometry.PageShift, task.Layout);
    }

    private void Leave(int cpu, long atNs, int voluntary, int involuntary)
    {
        CpuState state = cpus[cpu];
        TaskStruct task = state.Task!;
        state.BusyNs += atNs - state.CountedFromNs;
        task.Used(new CpuUsage(atNs - state.CountedFromNs, state.SliceUserNs, voluntary, involuntary));
        if (task.State != TaskState.Dead)
            task.Batch = state.Slot.Batch;
        state.Slot.Batch = null;
        state.Slot.Tid = 0;
        state.Task = null;
        queues.Leave(cpu);
    }
}
