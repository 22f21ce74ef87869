using LinuxMem.Abi;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>process_mrelease(pidfd, flags): takes the memory of a process that is about to die.</summary>
/// <remarks>Linux: mm/oom_kill.c: process_mrelease, task_will_free_mem, __oom_reap_task_mm, v6.18.</remarks>
public sealed class ProcessMrelease(TaskTable table, KernelMemory memory, PageMapper mapper)
{
    /// <summary>
    /// EINVAL: flags, or a process that is not dying, or one whose address space another has that is not; EBADF; ESRCH:
    /// it has no memory any more.
    /// </summary>
    public SyscallResult Invoke(CallProgress call)
    {
        if ((uint)call.Request.A1 != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (call.Task.Files.Find((uint)call.Request.A0) is not { Inode.TaskId: > 0 and var pid })
            return SyscallResult.Fail(Errno.EBADF);
        ThreadGroup? group = table.Find(pid)?.Group ?? table.FindGroup(pid);
        if (group is null || group.IsDead || group.Tasks.Find(t => t.State != TaskState.Dead) is not { } task)
            return SyscallResult.Fail(Errno.ESRCH);
        Mm mm = task.Mm;
        if (!IsDying(group) || table.Groups.Any(other => other != group && !IsDying(other)
            && other.Tasks.Any(t => t.Mm == mm)))
            return SyscallResult.Fail(Errno.EINVAL);
        if (!group.IsReaped)
            OomReaper.Release(memory, mapper, mm, call.At, ref call.Cost);
        group.IsReaped = true;
        return default;
    }

    private static bool IsDying(ThreadGroup group) => group.ExitSignal != Signal.None || group.IsKillHeld;
}
