using LinuxMem.Abi;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>rt_sigaction, rt_sigprocmask, sigaltstack, rt_sigreturn, kill, tkill, tgkill.</summary>
/// <remarks>
/// Linux: kernel/signal.c, v6.18. The structures are in <see cref="SyscallOperands.Words"/>: sigaction is handler,
/// flags, restorer, mask; a set is one word; stack_t is address, flags, size. A pointer without them is EFAULT.
/// <see cref="User.OldSignalState"/> writes old values to user memory.
/// </remarks>
public sealed class SignalCalls
{
    private const ulong SetBytes = 8;
    private const ulong MinAltStackBytes = 2048; // MINSIGSTKSZ
    private const ulong AltStackDisable = 2;     // SS_DISABLE
    private const ulong AltStackAutoDisarm = 1UL << 31;
    private readonly TaskTable tasks;
    private readonly SignalSender sender;

    /// <summary>Over one machine.</summary>
    public SignalCalls(TaskTable tasks, SignalSender sender)
    {
        this.tasks = tasks;
        this.sender = sender;
    }

    /// <summary>rt_sigaction(signum, act, oldact, sigsetsize).</summary>
    public static SyscallResult SigAction(in SyscallContext call)
    {
        ulong number = call.Request.A0;
        bool sets = call.Request.A1 != 0;
        if (call.Request.A3 != SetBytes)
            return SyscallResult.Fail(Errno.EINVAL);
        IReadOnlyList<ulong>? words = call.Request.Operands?.Words;
        if (sets && words is not { Count: >= 4 })
            return SyscallResult.Fail(Errno.EFAULT);
        if (number is < 1 or > 64 || (sets && SignalSet.KernelOnly.Has((Signal)number)))
            return SyscallResult.Fail(Errno.EINVAL);
        if (!sets)
            return default;
        var mask = new SignalSet(words![3]).Without(SignalSet.KernelOnly);
        call.Task.Group.Handlers[(Signal)number] = new SignalAction(words[0], words[1], mask, words[2]);
        if (call.Task.Group.Handlers.Ignores((Signal)number))
        {
            foreach (TaskStruct task in call.Task.Group.Tasks)
                task.Signals.Discard((Signal)number);
        }

        return default;
    }

    /// <summary>rt_sigprocmask(how, set, oldset, sigsetsize).</summary>
    public static SyscallResult SigProcMask(in SyscallContext call)
    {
        if (call.Request.A3 != SetBytes)
            return SyscallResult.Fail(Errno.EINVAL);
        if (call.Request.A1 == 0)
            return default;
        if (call.Request.Operands?.Words is not { Count: >= 1 } words)
            return SyscallResult.Fail(Errno.EFAULT);
        SignalSet set = new SignalSet(words[0]).Without(SignalSet.KernelOnly);
        TaskSignals signals = call.Task.Signals;
        switch ((int)call.Request.A0)
        {
            case 0: // SIG_BLOCK
                signals.Blocked = new SignalSet(signals.Blocked.Bits | set.Bits);
                break;
            case 1: // SIG_UNBLOCK
                signals.Blocked = signals.Blocked.Without(set);
                break;
            case 2: // SIG_SETMASK
                signals.Blocked = set;
                break;
            default:
                return SyscallResult.Fail(Errno.EINVAL);
        }

        return default;
    }

    /// <summary>sigaltstack(ss, old_ss).</summary>
    public static SyscallResult SigAltStack(in SyscallContext call)
    {
        if (call.Request.A0 == 0)
            return default;
        if (call.Request.Operands?.Words is not { Count: >= 3 } words)
            return SyscallResult.Fail(Errno.EFAULT);
        ulong mode = words[1] & ~AltStackAutoDisarm;
        if (mode is not (0 or 1 or AltStackDisable))
            return SyscallResult.Fail(Errno.EINVAL);
        bool disable = mode == AltStackDisable;
        if (!disable && words[2] < MinAltStackBytes)
            return SyscallResult.Fail(Errno.ENOMEM);
        call.Task.Signals.AltStackBase = disable ? 0 : words[0];
        call.Task.Signals.AltStackBytes = disable ? 0 : words[2];
        return default;
    }

    /// <summary>
    /// rt_sigreturn(): the innermost handler is over; a caller in none has a bad frame, which kills it.
    /// </summary>
    public SyscallResult SigReturn(in SyscallContext call)
    {
        if (call.Task.Signals.PopFrame())
            return default;
        call.Task.Group.Handlers[Signal.SigSegv] = default;
        call.Task.Signals.Blocked = call.Task.Signals.Blocked.Without(Signal.SigSegv);
        sender.Send(call.Task.Group, new SignalInfo(Signal.SigSegv, SignalCode.SiKernel, 0), call.Task);
        return default;
    }

    /// <summary>
    /// kill(pid, sig): to a process, to a process group (0: the caller's; below -1: that of the number), or to all but
    /// the caller (-1).
    /// </summary>
    public SyscallResult Kill(in SyscallContext call)
    {
        int pid = (int)call.Request.A0;
        if (pid > 0)
            return SendTo(call, tasks.Find(pid)?.Group ?? tasks.FindGroup(pid), null, SignalCode.SiUser,
                call.Request.A1);
        if (pid == int.MinValue)
            return SyscallResult.Fail(Errno.ESRCH);
        ThreadGroup own = call.Task.Group;
        int pgid = pid == 0 ? own.Pgid : -pid;
        ThreadGroup[] targets =
            [.. tasks.Groups.Where(group => !group.IsDead && (pid == -1 ? group != own : group.Pgid == pgid))];
        SyscallResult result = SyscallResult.Fail(Errno.ESRCH);
        foreach (ThreadGroup target in targets)
        {
            SyscallResult sent = SendTo(call, target, null, SignalCode.SiUser, call.Request.A1);
            result = result.IsError ? sent : result;
        }

        return result;
    }

    /// <summary>tkill(tid, sig).</summary>
    public SyscallResult Tkill(in SyscallContext call)
    {
        if ((int)call.Request.A0 <= 0)
            return SyscallResult.Fail(Errno.EINVAL);
        TaskStruct? task = tasks.Find((int)call.Request.A0);
        return SendTo(call, task?.Group, task, SignalCode.SiTkill, call.Request.A1);
    }

    /// <summary>tgkill(tgid, tid, sig).</summary>
    public SyscallResult Tgkill(in SyscallContext call)
    {
        if ((int)call.Request.A0 <= 0 || (int)call.Request.A1 <= 0)
            return SyscallResult.Fail(Errno.EINVAL);
        TaskStruct? task = tasks.Find((int)call.Request.A1);
        if (task is not null && task.Group.Pid != (int)call.Request.A0)
            task = null;
        return SendTo(call, task?.Group, task, SignalCode.SiTkill, call.Request.A2);
    }

    // Linux: kernel/signal.c: kill_ok_by_cred, v6.18.
    private static bool MaySend(TaskStruct caller, ThreadGroup group)
    {
        Credentials own = caller.Credentials;
        if (group == caller.Group || own.Has(Capabilities.Kill))
            return true;
        (uint uid, uint suid) = group.Tasks.Count > 0
            ? (group.Tasks[0].Credentials.Uid, group.Tasks[0].Credentials.Suid) : (group.Uid, group.Uid);
        return own.Euid == suid || own.Euid == uid || own.Uid == suid || own.Uid == uid;
    }

    private SyscallResult SendTo(in SyscallContext call, ThreadGroup? group, TaskStruct? task, SignalCode code,
        ulong number)
    {
        if (task is null && code == SignalCode.SiTkill)
            return SyscallResult.Fail(Errno.ESRCH);
        return Send(call.Task, call.Request.Operands is { HoldsSignals: true }, group, task, code, number);
    }

    /// <summary>
    /// Sends a signal to a process, or to one of its tasks: ESRCH, EINVAL, EPERM. Number 0 is a look whether one might.
    /// </summary>
    internal SyscallResult Send(TaskStruct caller, bool isHeld, ThreadGroup? group, TaskStruct? task, SignalCode code,
        ulong number)
    {
        if (group is null || group.IsReleased)
            return SyscallResult.Fail(Errno.ESRCH);
        if (number > 64 || (!isHeld && SignalSet.StopByDefault.Has(number == 0 ? Signal.SigKill : (Signal)number)))
            return SyscallResult.Fail(Errno.EINVAL); // stopping is not modelled
        if (!MaySend(caller, group))
            return SyscallResult.Fail(Errno.EPERM);
        group.IsKillHeld |= isHeld && number == (ulong)Signal.SigKill;
        if (number == 0 || isHeld || group.IsDead)
            return default;
        var info = new SignalInfo((Signal)number, code, (ulong)caller.Group.Pid);
        if (task is null)
            sender.Send(group, info, caller);
        else
            sender.SendTo(task, info, caller);
        return default;
    }
}
