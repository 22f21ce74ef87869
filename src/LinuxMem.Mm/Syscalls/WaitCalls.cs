using LinuxMem.Abi;
using LinuxMem.Mm.Syscalls.User;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls;

/// <summary>wait4, waitid.</summary>
/// <remarks>
/// Linux: kernel/exit.c: kernel_wait4, kernel_waitid_prepare, do_wait, v6.18. Nothing is ever stopped, so that only
/// ends are waited for. <see cref="WaitAnswer"/> writes status, siginfo and usage where the caller wants them.
/// </remarks>
public sealed class WaitCalls
{
    private const ulong NoHang = 1, Exited = 4, Stopped = 2, Continued = 8;
    private const ulong Common = NoHang | Stopped | Continued | NoThread | All | Clone;
    private const ulong NoThread = 0x2000_0000, All = 0x4000_0000, Clone = 0x8000_0000;
    private readonly TaskExit exit;
    private readonly WaitAnswer answer;

    /// <summary>Over one machine; with what writes structures.</summary>
    public WaitCalls(TaskExit exit, UserStructs structs, int pageShift)
    {
        this.exit = exit;
        answer = new WaitAnswer(exit, structs, pageShift);
    }

    /// <summary>
    /// wait4(pid, status, options, usage): EINVAL: options; ESRCH: the lowest number; ECHILD; EFAULT: the child is gone
    /// all the same.
    /// </summary>
    public SyscallEffect Wait4(in SyscallContext call)
    {
        int pid = (int)call.Request.A0;
        ulong options = (uint)call.Request.A2;
        if ((options & ~Common) != 0)
            return Done(call, SyscallResult.Fail(Errno.EINVAL));
        if (pid == int.MinValue)
            return Done(call, SyscallResult.Fail(Errno.ESRCH));
        if ((call.Request.A1 | call.Request.A3) != 0)
            return answer.Begin(call, pid, options | Exited, call.Request.A1, call.Request.A3, asks: false);
        return Wait(call, pid, options | Exited);
    }

    /// <summary>
    /// waitid(which, id, info, options, usage): 0. EINVAL: options, or who; EBADF: no pidfd; EAGAIN: a pidfd that does
    /// not block, of a child that lives; ECHILD.
    /// </summary>
    public SyscallEffect WaitId(in SyscallContext call)
    {
        const ulong known = Common | Exited | TaskExit.NoReap;
        ulong options = (uint)call.Request.A3;
        int id = (int)call.Request.A1;
        if ((options & ~known) != 0 || (options & (Exited | Stopped | Continued)) == 0)
            return Done(call, SyscallResult.Fail(Errno.EINVAL));
        int pid = -1;
        bool asks = false;
        Errno error = (int)call.Request.A0 switch
        {
            0 => Errno.None,
            1 => id <= 0 ? Errno.EINVAL : Errno.None,
            2 or 3 => id < 0 ? Errno.EINVAL : Errno.None,
            _ => Errno.EINVAL,
        };
        if (error == Errno.None && (int)call.Request.A0 is 1 or 2)
            pid = (int)call.Request.A0 == 1 ? id : id == 0 ? 0 : -id;
        if (error == Errno.None && (int)call.Request.A0 == 3)
        {
            OpenFile? file = call.Task.Files.Find((uint)id);
            asks = file is not null && (file.Flags & OpenFlags.NonBlock) != 0 && (options & NoHang) == 0;
            pid = file?.Inode.TaskId ?? 0;
            error = pid == 0 ? Errno.EBADF : Errno.None;
        }

        if (error != Errno.None)
            return Done(call, SyscallResult.Fail(error));
        if ((call.Request.A2 | call.Request.A4) != 0)
            return answer.Begin(call, pid, options, call.Request.A2, call.Request.A4, asks);
        call.Task.WaitReturnsZero = true;
        SyscallEffect effect = Wait(call, pid, asks ? options | NoHang : options);
        if (asks && call.Task.Result.Value == 0)
            call.Task.Result = SyscallResult.Fail(Errno.EAGAIN);
        if (effect.Action == TrapAction.Resume && !call.Task.Result.IsError)
            call.Task.Result = default;
        return effect;
    }

    private SyscallEffect Wait(in SyscallContext call, int pid, ulong options)
    {
        if (call.Request.Nr == SyscallNr.Wait4)
            call.Task.WaitReturnsZero = false;
        if (exit.TryWait(call.Task, pid, options, out SyscallResult result))
            return Done(call, result);
        if ((options & NoHang) != 0)
            return Done(call, default);
        call.Task.State = TaskState.WaitingForChild;
        call.Task.WaitPid = pid;
        call.Task.WaitOptions = options;
        return new SyscallEffect(TrapAction.Block);
    }

    private static SyscallEffect Done(in SyscallContext call, SyscallResult result)
    {
        call.Task.Result = result;
        return new SyscallEffect(TrapAction.Resume);
    }
}
