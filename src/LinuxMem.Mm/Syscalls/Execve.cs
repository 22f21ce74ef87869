using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls;

/// <summary>execve, execveat: another program in the same process.</summary>
/// <remarks>
/// Linux: fs/exec.c: do_execveat_common, begin_new_exec, v6.18. With a path in the request's operands the program is an
/// ELF file (or a script) of the world outside, laid out as Linux does it; without one it is synthetic, after its
/// <see cref="IProgram.Image"/>. What the new image does is the request's program in either case.
/// </remarks>
public sealed class Execve
{
    private readonly ProcessStart start;
    private readonly TaskExit exit;
    private readonly PagingGeometry geometry;

    /// <summary>Over one machine.</summary>
    public Execve(ProcessStart start, TaskExit exit, PagingGeometry geometry)
    {
        this.start = start;
        this.exit = exit;
        this.geometry = geometry;
    }

    /// <summary>
    /// Replaces the caller's image. ENOENT without a program to run; ETXTBSY; the errors of
    /// <see cref="ExecPlan.Make"/>; ENOMEM. Where the new image does not fit, or memory is out when the old one has
    /// gone, the process dies of SIGSEGV.
    /// </summary>
    public SyscallEffect Invoke(in SyscallContext call, ref WorkCost cost)
    {
        TaskStruct task = call.Task;
        ExecPlan? plan = null;
        Errno error = RefuseAt(call);
        if (error == Errno.None && call.Request.Operands is { Path: not null } operands)
            error = ExecPlan.Make(operands, geometry, task.Group.Limits.StackBytes, out plan);
        if (error == Errno.None && plan is not null && start.IsBeingWritten(plan))
            error = Errno.ETXTBSY;
        if (error == Errno.None && call.Request.Child is null)
            error = Errno.ENOENT;
        if (error == Errno.None)
            exit.ReleaseFutexes(task, call.At);
        if (error == Errno.None && !start.TryExec(task, call.Request.Child!, call.At, ref cost))
            error = Errno.ENOMEM;
        task.Result = error == Errno.None ? default : SyscallResult.Fail(error);
        if (error != Errno.None)
            return new SyscallEffect(TrapAction.Resume);
        exit.EndOthers(task.Group, task);
        exit.ReleaseVforkParent(task);
        if (plan is null && start.TryLoadSynthetic(task, ref cost))
            return new SyscallEffect(TrapAction.Resume);
        if (plan is not null && start.TryLoadElf(task, plan, call.At, out ExecProgress progress, ref cost))
            return new SyscallEffect(TrapAction.Resume, Writes: progress.Writes);
        task.Group.ExitSignal = Signal.SigSegv;
        task.Group.ExitSignalCode = SignalCode.SiKernel;
        return new SyscallEffect(TrapAction.Exit);
    }

    // execveat: flags, and a directory where a path that is not absolute begins. Linux: fs/exec.c: do_open_execat;
    // fs/namei.c: path_init, v6.18.
    private static Errno RefuseAt(in SyscallContext call)
    {
        const uint noFollow = 0x100, emptyPath = 0x1000;
        const int workingDirectory = -100;
        if (call.Request.Nr != SyscallNr.Execveat)
            return Errno.None;
        if (((uint)call.Request.A4 & ~(noFollow | emptyPath)) != 0)
            return Errno.EINVAL;
        bool isAbsolute = call.Request.Operands?.Path?.StartsWith('/') == true;
        return isAbsolute || (int)call.Request.A0 == workingDirectory
            || call.Task.Files.Find((uint)call.Request.A0) is not null ? Errno.None : Errno.EBADF;
    }
}
