using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>Process groups and sessions: setpgid, getpgid, getpgrp, setsid, getsid.</summary>
/// <remarks>Linux: kernel/sys.c: setpgid, do_getpgid, getsid, ksys_setsid, v6.18. There are no terminals.</remarks>
public sealed class SessionCalls
{
    private readonly TaskTable tasks;

    /// <summary>Over one machine.</summary>
    public SessionCalls(TaskTable tasks) => this.tasks = tasks;

    /// <summary>
    /// setpgid(pid, pgid): EINVAL; ESRCH: neither the caller nor a child; EACCES: a child that has executed; EPERM:
    /// another session, a leader of one, or no such group.
    /// </summary>
    public SyscallResult SetPgid(CallProgress call)
    {
        ThreadGroup own = call.Task.Group;
        int pid = (int)call.Request.A0 == 0 ? own.Pid : (int)call.Request.A0;
        int pgid = (int)call.Request.A1 == 0 ? pid : (int)call.Request.A1;
        if (pgid < 0)
            return SyscallResult.Fail(Errno.EINVAL);
        ThreadGroup? group = tasks.FindGroup(pid);
        if (group is null || group.IsReleased)
            return SyscallResult.Fail(tasks.Find(pid) is null ? Errno.ESRCH : Errno.EINVAL);
        Errno error = group.Parent == own
            ? group.Session != own.Session ? Errno.EPERM : group.HasExecuted ? Errno.EACCES : Errno.None
            : group != own ? Errno.ESRCH : Errno.None;
        if (error == Errno.None && group.Session == group.Pid)
            error = Errno.EPERM;
        if (error == Errno.None && pgid != pid && !Exists(pgid, own.Session))
            error = Errno.EPERM;
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        group.Pgid = pgid;
        return default;
    }

    /// <summary>getpgid(pid), getpgrp(), getsid(pid): ESRCH.</summary>
    public SyscallResult Get(CallProgress call)
    {
        int pid = call.Request.Nr == SyscallNr.Getpgrp ? 0 : (int)call.Request.A0;
        ThreadGroup? group = pid == 0 ? call.Task.Group : tasks.Find(pid)?.Group ?? tasks.FindGroup(pid);
        if (group is null || (group.IsReleased && tasks.Find(pid) is null))
            return SyscallResult.Fail(Errno.ESRCH);
        return new SyscallResult(call.Request.Nr == SyscallNr.Getsid ? group.Session : group.Pgid);
    }

    /// <summary>setsid(): EPERM: the caller leads a process group.</summary>
    public SyscallResult SetSid(CallProgress call)
    {
        ThreadGroup own = call.Task.Group;
        if (tasks.Groups.Any(group => group.Pgid == own.Pid && !group.IsReleased))
            return SyscallResult.Fail(Errno.EPERM);
        own.Session = own.Pgid = own.Pid;
        return new SyscallResult(own.Pid);
    }

    private bool Exists(int pgid, int session) =>
        tasks.Groups.Any(group => !group.IsReleased && group.Pgid == pgid && group.Session == session);
}
