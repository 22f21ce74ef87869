using LinuxMem.Abi;
using LinuxMem.Mm.Syscalls.Files.Pipes;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>fcntl(fd, command, argument), as far as it is about descriptors, flags and what seals there are.</summary>
/// <remarks>Linux: fs/fcntl.c: do_fcntl, v6.18.</remarks>
public static class Fcntl
{
    private const ulong DupFd = 0;
    private const ulong GetFd = 1;
    private const ulong SetFd = 2;
    private const ulong GetFl = 3;
    private const ulong SetFl = 4;
    private const ulong DupFdCloseOnExec = 1030;
    private const ulong SetPipeSize = 1031;
    private const ulong GetPipeSize = 1032;
    private const ulong GetSeals = 1034;
    private const OpenFlags Settable = OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.Direct | OpenFlags.NoTime;
    private const int LargeFile = 0x8000;

    /// <summary>Carries a command out; EINVAL for one that is not modelled, EBADF, EMFILE, EPERM, EBUSY.</summary>
    public static SyscallResult Invoke(CallProgress call)
    {
        FdTable files = call.Task.Files;
        int fd = (int)(uint)call.Request.A0;
        ulong command = (uint)call.Request.A1;
        ulong argument = call.Request.A2;
        if (files.Find((uint)fd) is not { } file)
            return SyscallResult.Fail(Errno.EBADF);
        bool isPath = (file.Flags & OpenFlags.Path) != 0;
        if (isPath && command is not (DupFd or DupFdCloseOnExec or GetFd or SetFd or GetFl))
            return SyscallResult.Fail(Errno.EBADF);
        switch (command)
        {
            case DupFd or DupFdCloseOnExec:
                return Duplicate(call, file, argument, command == DupFdCloseOnExec);
            case GetFd:
                return new SyscallResult(files.ClosesOnExec(fd) ? 1 : 0);
            case SetFd:
                files.SetCloseOnExec(fd, (argument & 1) != 0);
                return default;
            case GetFl:
                const OpenFlags momentary = OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.Truncate
                    | OpenFlags.NoTerminal | OpenFlags.CloseOnExec;
                int large = isPath || file.Inode.Kind == InodeKind.Pipe || file.Inode.TaskId > 0 ? 0 : LargeFile;
                return new SyscallResult((int)(file.Flags & ~momentary) | large);
            case SetFl:
                bool startsNoTime = ((OpenFlags)(int)argument & ~file.Flags & OpenFlags.NoTime) != 0;
                if (startsNoTime && !InodePermission.Owns(call.Task.Credentials, file.Inode))
                    return SyscallResult.Fail(Errno.EPERM);
                file.Flags = (file.Flags & ~Settable) | ((OpenFlags)(int)argument & Settable);
                return default;
            case SetPipeSize or GetPipeSize:
                return file.Inode.Pipe is not { } pipe ? SyscallResult.Fail(Errno.EBADF)
                    : command == SetPipeSize ? PipeSize.Set(call.Task, pipe, (uint)argument, file.Inode.PageShift)
                    : new SyscallResult((long)pipe.Capacity << file.Inode.PageShift);
            case GetSeals:
                return file.Inode.Kind == InodeKind.Shmem ? new SyscallResult((long)file.Inode.Seals)
                    : SyscallResult.Fail(Errno.EINVAL);
            default:
                return SyscallResult.Fail(Errno.EINVAL);
        }
    }

    private static SyscallResult Duplicate(CallProgress call, OpenFile file, ulong from, bool closeOnExec)
    {
        FdTable files = call.Task.Files;
        if (from >= (ulong)files.Limit)
            return SyscallResult.Fail(Errno.EINVAL);
        int fd = call.Operands?.WantedId ?? files.FindFree((int)from);
        if (fd >= 0)
            files.Install(fd, file, closeOnExec);
        return new SyscallResult(fd);
    }
}
