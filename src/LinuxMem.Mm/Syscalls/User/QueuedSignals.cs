using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>
/// rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal: signals with what their sender tells of them. The operands'
/// words are number and code, or they are read from the caller's siginfo_t.
/// </summary>
/// <remarks>
/// Linux: kernel/signal.c: do_rt_sigqueueinfo, do_rt_tgsigqueueinfo, do_pidfd_send_signal, v6.18. Values that are sent
/// along are not kept.
/// </remarks>
public sealed class QueuedSignals
{
    private const uint ToThread = 1, ToThreadGroup = 2, ToProcessGroup = 4;
    private const uint ForThread = 0x80; // PIDFD_THREAD
    private readonly SignalCalls signals;
    private readonly UserStructs structs;
    private readonly TaskTable table;

    /// <summary>Over one machine.</summary>
    public QueuedSignals(SignalCalls signals, UserStructs structs, TaskTable table)
    {
        this.signals = signals;
        this.structs = structs;
        this.table = table;
    }

    /// <summary>Begins one of these; null if the call is another.</summary>
    public CallProgress? Begin(in SyscallContext call)
    {
        var progress = new CallProgress(call);
        progress.Steps = call.Request.Nr switch
        {
            SyscallNr.RtSigqueueinfo => ToProcess(progress),
            SyscallNr.RtTgsigqueueinfo => ToTask(progress),
            SyscallNr.PidfdSendSignal => ToPidfd(progress),
            _ => null,
        };
        return progress.Steps is null ? null : progress;
    }

    // rt_sigqueueinfo(pid, sig, info): EFAULT, EPERM (posing as the kernel or kill), ESRCH, EINVAL.
    private IEnumerator<PageLookup> ToProcess(CallProgress call)
    {
        var info = new Info();
        for (var steps = Read(call, call.Request.A2, info); steps.MoveNext();)
            yield return steps.Current;
        if (info.Code is not { } code)
            yield break;
        int pid = (int)call.Request.A0;
        bool poses = IsOfKernel(code) && call.Task.Tid != pid;
        if (poses)
            call.Fail(Errno.EPERM);
        else
            Send(call, table.Find(pid)?.Group ?? table.FindGroup(pid), null, code, (uint)call.Request.A1);
    }

    // rt_tgsigqueueinfo(tgid, tid, sig, info): EFAULT, EINVAL, EPERM, ESRCH.
    private IEnumerator<PageLookup> ToTask(CallProgress call)
    {
        var info = new Info();
        for (var steps = Read(call, call.Request.A3, info); steps.MoveNext();)
            yield return steps.Current;
        if (info.Code is not { } code)
            yield break;
        int tid = (int)call.Request.A1;
        TaskStruct? task = table.Find(tid) is { } found && found.Group.Pid == (int)call.Request.A0 ? found : null;
        if (tid <= 0 || (int)call.Request.A0 <= 0)
            call.Fail(Errno.EINVAL);
        else if (IsOfKernel(code) && call.Task.Tid != tid)
            call.Fail(Errno.EPERM);
        else if (task is null)
            call.Fail(Errno.ESRCH);
        else
            Send(call, task.Group, task, code, (uint)call.Request.A2);
    }

    // pidfd_send_signal(pidfd, sig, info, flags): EINVAL, EBADF, EFAULT, EPERM, ESRCH.
    private IEnumerator<PageLookup> ToPidfd(CallProgress call)
    {
        uint flags = (uint)call.Request.A3;
        if (flags is not (0 or ToThread or ToThreadGroup or ToProcessGroup))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (call.Task.Files.Find((uint)call.Request.A0) is not { Inode.TaskId: > 0 } file)
        {
            call.Fail(Errno.EBADF);
            yield break;
        }

        SignalCode code = SignalCode.SiUser;
        int pid = file.Inode.TaskId;
        if (call.Request.A2 != 0)
        {
            var info = new Info();
            for (var steps = Read(call, call.Request.A2, info); steps.MoveNext();)
                yield return steps.Current;
            if (info.Code is not { } told)
                yield break;
            code = told;
            bool isOther = call.Task.Tid != pid || flags == ToProcessGroup;
            Errno error = info.Number is { } number && number != (uint)call.Request.A1 ? Errno.EINVAL
                : isOther && IsOfKernel(code) ? Errno.EPERM : Errno.None;
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }
        }

        TaskStruct? task = table.Find(pid);
        ThreadGroup? group = task?.Group ?? table.FindGroup(pid);
        bool isThread = flags == ToThread || (flags == 0 && ((uint)file.Flags & ForThread) != 0);
        if (flags == ToProcessGroup && group is not null)
            SendToAll(call, group.Pid, code);
        else if (isThread && task is null)
            call.Fail(Errno.ESRCH);
        else
            Send(call, group, isThread ? task : null, code, (uint)call.Request.A1);
    }

    private void SendToAll(CallProgress call, int pgid, SignalCode code)
    {
        call.Fail(Errno.ESRCH);
        foreach (ThreadGroup group in table.Groups.Where(g => !g.IsDead && g.Pgid == pgid).ToArray())
        {
            SyscallResult before = call.Result;
            Send(call, group, null, code, (uint)call.Request.A1);
            if (!before.IsError)
                call.Result = before;
        }
    }

    private void Send(CallProgress call, ThreadGroup? group, TaskStruct? task, SignalCode code, ulong number)
    {
        bool isHeld = call.Operands is { HoldsSignals: true };
        call.Result = signals.Send(call.Task, isHeld, group, task, code, number);
        // A signal to oneself may be one's end.
        if (call.Task.Group.ExitSignal != Signal.None)
            call.Action = TrapAction.Exit;
    }

    private IEnumerator<PageLookup> Read(CallProgress call, ulong address, Info info)
    {
        if (call.Operands?.Words is { Count: >= 2 } told)
        {
            info.Number = (uint)told[0];
            info.Code = (SignalCode)(int)told[1];
            yield break;
        }

        // struct siginfo: number, errno, code, and what the code says.
        var words = new ulong[16];
        for (var steps = structs.Read(call, address, words); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < (ulong)words.Length * 8)
        {
            call.Fail(Errno.EFAULT);
            yield break;
        }

        info.Number = call.Request.Nr == SyscallNr.PidfdSendSignal ? (uint)words[0] : null;
        info.Code = (SignalCode)(int)words[1];
    }

    private static bool IsOfKernel(SignalCode code) => code is >= 0 or SignalCode.SiTkill;

    private sealed class Info
    {
        internal uint? Number { get; set; }

        internal SignalCode? Code { get; set; }
    }
}
