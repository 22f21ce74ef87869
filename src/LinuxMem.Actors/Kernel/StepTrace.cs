using LinuxMem.Abi;
using LinuxMem.Mm;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Tells a tracer of the steps that the kernel serves: whose they are, faults and calls from their beginning to their
/// end, switches and wakings; and takes samples of memory.
/// </summary>
/// <remarks>
/// A fault or a call that waits ends when its task goes on: a fault is tried again then, a call goes on or returns. All
/// that is kept of that is here, so that a run without events has no part in it.
/// </remarks>
public sealed class StepTrace
{
    private const long SampleNs = 100_000;
    private static readonly string[] FaultNames = Enum.GetNames<FaultKind>();
    private readonly Tracer tracer;
    private readonly Mm.Kernel kernel;
    private readonly int[] running;
    private readonly Dictionary<int, Wait> waits = [];
    private long nextSampleNs;

    private StepTrace(Tracer tracer, Mm.Kernel kernel, int cpus)
    {
        this.tracer = tracer;
        this.kernel = kernel;
        running = new int[cpus];
        kernel.TraceBy(tracer);
    }

    // What a task waits in: a call that returns to its program when it wakes, one that goes on then, or a fault.
    private enum Kind
    {
        CallReturns,
        CallGoesOn,
        Fault,
    }

    private readonly record struct Wait(Kind Kind, SyscallNr Nr);

    /// <summary>For a machine whose events somebody takes; null for none.</summary>
    public static StepTrace? Of(ITraceSink? sink, Mm.Kernel kernel, int cpus) =>
        sink is null ? null : new StepTrace(new Tracer(sink), kernel, cpus);

    /// <summary>A step of that moment is served next.</summary>
    public void Serve(long atNs)
    {
        if (atNs >= nextSampleNs)
            Sample(atNs);
        tracer.Advance(atNs);
    }

    /// <summary>The step is an event.</summary>
    public void Begin(in TimedEvent due) => tracer.Act(-1, 0, due.Kind switch
    {
        EventKind.StartProcess => KernelThreads.Init,
        EventKind.FlusherStep => KernelThreads.Flusher,
        EventKind.DeviceDone => KernelThreads.Interrupt,
        EventKind.KernelStep => KernelThreads.Kswapd,
        EventKind.KsmStep => KernelThreads.Ksmd,
        EventKind.GatherDone => KernelThreads.Rcu,
        _ => KernelThreads.Swapper,
    });

    /// <summary>The step is a trap.</summary>
    public void Begin(Trap trap)
    {
        TaskStruct task = trap.Task;
        tracer.Act(trap.At.Cpu, task.Group.Pid, task.Tid, task.Mm.Id);
        bool goesOn = waits.TryGetValue(task.Tid, out Wait wait);
        if (trap.Kind == TrapKind.PageFault)
        {
            bool again = goesOn && wait.Kind == Kind.Fault;
            const int protection = 1, write = 2, user = 4, fetch = 16;
            int code = user | (trap.IsPresent ? protection : 0) | (trap.Access == AccessKind.Write ? write : 0)
                | (trap.Access == AccessKind.Execute ? fetch : 0);
            long ip = trap.Access == AccessKind.Execute ? (long)trap.Address : 0;
            tracer.Emit(again ? Tracepoint.PageFaultRetry : Tracepoint.PageFaultUser, (long)trap.Address, ip, code);
        }
        else if (trap.Kind == TrapKind.Syscall && !(goesOn && wait.Kind == Kind.CallGoesOn))
        {
            TellCall(trap.Request);
        }
    }

    /// <summary>The trap is served.</summary>
    public void End(Trap trap, in TrapOutcome outcome, long endNs)
    {
        TaskStruct task = trap.Task;
        int pid = task.Group.Pid;
        bool blocks = outcome.Action == TrapAction.Block;
        waits.Remove(task.Tid);
        if (trap.Kind == TrapKind.PageFault)
        {
            FaultOutcome fault = kernel.LastFault;
            var told = default(TraceEvent);
            told.AtNs = endNs;
            (told.Cpu, told.Pid, told.Tid, told.Point) = (trap.At.Cpu, pid, task.Tid, Tracepoint.PageFaultDone);
            told.Numbers[0] = (long)trap.Address;
            told.Numbers[1] = fault.IsMajor ? 1 : 0;
            told.Numbers[2] = outcome.CostNs;
            told.Numbers[3] = blocks ? 1 : 0;
            // Who was killed on the way to the kernel has its fault not served.
            told.Text = task.GroupExiting ? "Killed" : FaultNames[(int)fault.Kind];
            tracer.Tell(told);
            if (blocks)
                waits[task.Tid] = new Wait(Kind.Fault, default);
        }
        else if (trap.Kind == TrapKind.Syscall && blocks)
        {
            bool goesOn = task.Suspended is not null || task.CallToRepeat is not null
                || task.Unfinished is not null;
            waits[task.Tid] = new Wait(goesOn ? Kind.CallGoesOn : Kind.CallReturns, trap.Request.Nr);
        }
        else if (trap.Kind == TrapKind.Syscall && outcome.Action != TrapAction.Exit)
        {
            tracer.EmitAt(endNs, trap.At.Cpu, pid, task.Tid, Tracepoint.SysExit, (long)trap.Request.Nr,
                task.Result.Value);
        }
    }

    /// <summary>A CPU takes a task, or (0) none.</summary>
    public void Picks(int cpu, int tid, long atNs)
    {
        int last = running[cpu];
        running[cpu] = tid;
        TaskStruct? next = tid == 0 ? null : kernel.Tasks.Find(tid);
        int pid = next?.Group.Pid ?? 0;
        if (last != tid)
        {
            TaskState state = last == 0 ? TaskState.Runnable : kernel.Tasks.Find(last)?.State ?? TaskState.Dead;
            tracer.EmitAt(atNs, cpu, pid, tid, Tracepoint.SchedSwitch, last, tid, LetterOf(state), TaskStruct.Prio,
                e: WaitOf(state));
        }

        if (next is null || !waits.TryGetValue(tid, out Wait wait) || wait.Kind != Kind.CallReturns)
            return;
        waits.Remove(tid);
        if (!next.GroupExiting)
            tracer.EmitAt(atNs, cpu, pid, tid, Tracepoint.SysExit, (long)wait.Nr, next.Result.Value);
    }

    /// <summary>A task can run again, and is put on a CPU.</summary>
    public void Wakes(TaskStruct task, int cpu, long atNs) =>
        tracer.EmitAt(Math.Max(atNs, tracer.NowNs), tracer.Cpu, tracer.Pid, tracer.Tid, Tracepoint.SchedWakeup,
            task.Tid, cpu, 0, TaskStruct.Prio);

    /// <summary>The run is over, or as far as it comes.</summary>
    public void End() => tracer.Flush();

    private void TellCall(in SyscallRequest request)
    {
        var told = default(TraceEvent);
        told.AtNs = tracer.NowNs;
        (told.Cpu, told.Pid, told.Tid, told.Point) = (tracer.Cpu, tracer.Pid, tracer.Tid, Tracepoint.SysEnter);
        told.Numbers[0] = (long)request.Nr;
        told.Numbers[1] = (long)request.A0;
        told.Numbers[2] = (long)request.A1;
        told.Numbers[3] = (long)request.A2;
        told.Numbers[4] = (long)request.A3;
        told.Numbers[5] = (long)request.A4;
        told.Numbers[6] = (long)request.A5;
        tracer.Tell(told);
    }

    // As it has been since the last step: nothing happens in between.
    private void Sample(long atNs)
    {
        long gridNs = atNs / SampleNs * SampleNs;
        nextSampleNs = gridNs + SampleNs;
        tracer.Advance(gridNs);
        VmStat stat = kernel.Memory.Stat;
        var told = default(TraceEvent);
        (told.AtNs, told.Cpu, told.Point) = (gridNs, -1, Tracepoint.MemorySample);
        told.Numbers[0] = kernel.Memory.Allocator.FreePagesTotal;
        told.Numbers[1] = stat[VmEvent.NrAnonPages];
        told.Numbers[2] = stat[VmEvent.NrFilePages] - stat[VmEvent.NrShmem] - stat[VmEvent.NrSwapCached];
        told.Numbers[3] = stat[VmEvent.NrShmem];
        told.Numbers[4] = stat[VmEvent.NrPageTablePages];
        told.Numbers[5] = stat[VmEvent.PgFault];
        told.Numbers[6] = kernel.Memory.Swap.FreeSlots;
        tracer.Tell(told);
    }

    // R, S, D, X.
    private static int LetterOf(TaskState state) => state switch
    {
        TaskState.Runnable => 0,
        TaskState.WaitingForIo or TaskState.WaitingForMemory or TaskState.WaitingForVfork
            or TaskState.WaitingForLock => 2,
        TaskState.Dead => 3,
        _ => 1,
    };

    // None, sleep, disk, memory, lock.
    private static int WaitOf(TaskState state) => state switch
    {
        TaskState.Runnable or TaskState.Dead => 0,
        TaskState.WaitingForIo => 2,
        TaskState.WaitingForMemory => 3,
        TaskState.WaitingForLock => 4,
        _ => 1,
    };
}
