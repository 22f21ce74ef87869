using LinuxMem.Abi;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls;

/// <summary>What a system call makes of its caller. The result is in <see cref="TaskStruct.Result"/>.</summary>
/// <param name="Action">What the caller does.</param>
/// <param name="WakeAtNs">With Block: when it wakes by itself; -1 if it does not.</param>
/// <param name="Populate">Pages to fault in before the call returns.</param>
/// <param name="Writes">What execve has yet to write into the new address space; null for other calls.</param>
/// <param name="Call">A call that goes on step by step, and leaves its result and action then; null for others.</param>
public readonly record struct SyscallEffect(TrapAction Action, long WakeAtNs = -1, PopulateRange Populate = default,
    IReadOnlyList<ExecWrite>? Writes = null, CallProgress? Call = null);

/// <summary>Dispatches system calls. A number that is not modelled answers ENOSYS and is counted.</summary>
public sealed class SyscallTable
{
    private readonly MemoryCalls memoryCalls;
    private readonly TaskFork fork;
    private readonly TaskExit exit;
    private readonly Execve execve;
    private readonly SignalCalls signalCalls;
    private readonly WaitCalls waits;
    private readonly List<TaskStruct> woken;
    private readonly FileCalls fileCalls;
    private readonly UserCalls userCalls;
    private readonly ShmCalls shm;
    private readonly AioCalls aio;
    private readonly QueuedSignals queuedSignals;
    private readonly SortedDictionary<int, long> unknown = [];

    /// <summary>The calls of one kernel.</summary>
    public SyscallTable(KernelMemory memory, MemoryCalls memoryCalls, TaskFork fork, TaskExit exit, ProcessStart start,
        TaskTable tasks, SignalSender signals, List<TaskStruct> woken, FileCalls fileCalls, UserCalls userCalls)
    {
        this.memoryCalls = memoryCalls;
        this.fork = fork;
        this.exit = exit;
        execve = new Execve(start, exit, memory.Geometry);
        signalCalls = new SignalCalls(tasks, signals);
        var structs = new UserStructs(fileCalls.Services);
        queuedSignals = new QueuedSignals(signalCalls, structs, tasks);
        waits = new WaitCalls(exit, structs, memory.Geometry.PageShift);
        this.woken = woken;
        this.fileCalls = fileCalls;
        this.userCalls = userCalls;
        shm = new ShmCalls(fileCalls.Services, memoryCalls.Mmap, memoryCalls.UnmapRegion);
        aio = new AioCalls(fileCalls.Services, memoryCalls.Mmap, memoryCalls.UnmapRegion);
    }

    /// <summary>Calls answered with ENOSYS, by number.</summary>
    public IReadOnlyDictionary<int, long> Unknown => unknown;

    /// <summary>Carries a call out.</summary>
    public SyscallEffect Invoke(in SyscallContext call, ref WorkCost cost)
    {
        if (call.Request.Operands is { Vmas: { } vmas } operands)
            VmaFacts.Collect(call.Mm, operands.Near, vmas);
        if (memoryCalls.TryInvoke(call, out PopulateRange populate, ref cost))
            return new SyscallEffect(TrapAction.Resume, Populate: populate);
        switch (call.Request.Nr)
        {
            case var _ when OldSignalState.IsAskedFor(call.Request):
                return InvokeTaskCall(call, ref cost);
            case SyscallNr.Getppid:
                call.Task.Result = new SyscallResult(call.Task.Group.Parent?.Pid ?? 1);
                break;
            case SyscallNr.Getpid:
                call.Task.Result = new SyscallResult(call.Task.Group.Pid);
                break;
            case SyscallNr.Gettid:
                call.Task.Result = new SyscallResult(call.Task.Number);
                break;
            case SyscallNr.Kill or SyscallNr.Tkill or SyscallNr.Tgkill:
            case SyscallNr.RtSigaction or SyscallNr.RtSigprocmask or SyscallNr.Sigaltstack or SyscallNr.RtSigreturn:
                return InvokeSignalCall(call);
            case SyscallNr.SchedYield:
                call.Task.Result = default;
                return new SyscallEffect(TrapAction.Yield);
            case SyscallNr.Nanosleep:
                return Nanosleep.For(call, call.Request.A0);
            case SyscallNr.ClockNanosleep:
                return Nanosleep.OnClock(call);
            case TracerCalls.LookAtVmas:
                call.Task.Result = default;
                break;
            default:
                return InvokeTaskCall(call, ref cost);
        }

        return new SyscallEffect(TrapAction.Resume);
    }

    private SyscallEffect InvokeTaskCall(in SyscallContext call, ref WorkCost cost)
    {
        switch (call.Request.Nr)
        {
            case SyscallNr.Fork or SyscallNr.Vfork or SyscallNr.Clone or SyscallNr.Clone3:
                return Fork(call, ref cost);
            case SyscallNr.Execve or SyscallNr.Execveat:
                return execve.Invoke(call, ref cost);
            case SyscallNr.Wait4:
                return waits.Wait4(call);
            case SyscallNr.Waitid:
                return waits.WaitId(call);
            case SyscallNr.Exit:
                if (call.Task.Group.Tasks.Count == 1)
                    call.Task.Group.ExitCode = (int)(call.Request.A0 & 0xff);
                return new SyscallEffect(TrapAction.Exit);
            case SyscallNr.ExitGroup:
                call.Task.Group.ExitCode = (int)(call.Request.A0 & 0xff);
                exit.EndOthers(call.Task.Group, call.Task);
                return new SyscallEffect(TrapAction.Exit);
            default:
                if (shm.TryInvoke(call, out SyscallEffect effect, ref cost)
                    || aio.TryInvoke(call, out effect, ref cost))
                    return effect;
                if (queuedSignals.Begin(call) is { } queued)
                    return new SyscallEffect(TrapAction.Resume, Call: queued);
                if (userCalls.TryBegin(call, out CallProgress? progress) || fileCalls.TryBegin(call, out progress))
                    return new SyscallEffect(TrapAction.Resume, Call: progress);
                int number = (int)call.Request.Nr;
                unknown[number] = unknown.GetValueOrDefault(number) + 1;
                call.Task.Result = SyscallResult.Fail(Errno.ENOSYS);
                return new SyscallEffect(TrapAction.Resume);
        }
    }

    private SyscallEffect InvokeSignalCall(in SyscallContext call)
    {
        call.Task.Result = call.Request.Nr switch
        {
            SyscallNr.Kill => signalCalls.Kill(call),
            SyscallNr.Tkill => signalCalls.Tkill(call),
            SyscallNr.Tgkill => signalCalls.Tgkill(call),
            SyscallNr.RtSigaction => SignalCalls.SigAction(call),
            SyscallNr.RtSigprocmask => SignalCalls.SigProcMask(call),
            SyscallNr.Sigaltstack => SignalCalls.SigAltStack(call),
            _ => signalCalls.SigReturn(call),
        };
        // A signal to oneself may be one's end.
        bool ends = call.Task.Group.ExitSignal != Signal.None;
        return new SyscallEffect(ends ? TrapAction.Exit : TrapAction.Resume);
    }

    private SyscallEffect Fork(in SyscallContext call, ref WorkCost cost)
    {
        if (CloneArguments.Of(call.Request) is not { } arguments)
        {
            bool told = call.Request.Operands?.Words is not null;
            call.Task.Result = SyscallResult.Fail(told ? Errno.EINVAL : Errno.EFAULT);
            return new SyscallEffect(TrapAction.Resume);
        }

        FdTable files = call.Task.Files;
        int pidfd = arguments.WantsPidfd ? call.Request.Operands?.WantedId ?? files.FindFree() : 0;
        if (pidfd < 0)
        {
            call.Task.Result = new SyscallResult(pidfd);
            return new SyscallEffect(TrapAction.Resume);
        }

        call.Task.Result = fork.Invoke(call, arguments, out TaskStruct? child, ref cost);
        if (child is null)
            return new SyscallEffect(TrapAction.Resume);
        if (arguments.WantsPidfd)
            Pidfd.Install(fileCalls.Services.Names.Objects, files, pidfd, child);
        woken.Add(child);
        if (child.VforkParent is null)
            return new SyscallEffect(TrapAction.Resume);
        call.Task.State = TaskState.WaitingForVfork;
        return new SyscallEffect(TrapAction.Block);
    }
}
