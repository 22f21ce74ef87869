using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>close, close_range, dup, dup2, dup3, lseek.</summary>
/// <remarks>Linux: fs/file.c: ksys_dup3, do_dup2, __close_range; fs/read_write.c: ksys_lseek, v6.18.</remarks>
public static class DescriptorCalls
{
    /// <summary>close(fd): EBADF.</summary>
    public static SyscallResult Close(CallProgress call) =>
        call.Task.Files.Close((uint)call.Request.A0) ? default : SyscallResult.Fail(Errno.EBADF);

    /// <summary>close_range(first, last, flags): EINVAL for a range the wrong way round or unknown flags.</summary>
    public static SyscallResult CloseRange(CallProgress call)
    {
        uint first = (uint)call.Request.A0;
        uint last = (uint)call.Request.A1;
        const ulong unshare = 2;
        const ulong closeOnExec = 4;
        if ((call.Request.A2 & ~(unshare | closeOnExec)) != 0 || last < first)
            return SyscallResult.Fail(Errno.EINVAL);
        if ((call.Request.A2 & unshare) != 0 && call.Task.Files.Users > 1)
        {
            FdTable own = call.Task.Files.Copy();
            call.Task.Files.Release();
            call.Task.Files = own;
        }

        foreach (int fd in call.Task.Files.Open.Where(fd => (uint)fd >= first && (uint)fd <= last).ToArray())
        {
            if ((call.Request.A2 & closeOnExec) != 0)
                call.Task.Files.SetCloseOnExec(fd, true);
            else
                call.Task.Files.Close((ulong)fd);
        }

        return default;
    }

    /// <summary>dup(fd): EBADF, EMFILE.</summary>
    public static SyscallResult Dup(CallProgress call)
    {
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file)
            return SyscallResult.Fail(Errno.EBADF);
        int fd = OpenCalls.NewDescriptor(call, call.Operands?.WantedId);
        if (fd >= 0)
            call.Task.Files.Install(fd, file, closeOnExec: false);
        return new SyscallResult(fd);
    }

    /// <summary>dup2(old, new): new is closed first; the same descriptor is left alone.</summary>
    public static SyscallResult Dup2(CallProgress call)
    {
        FdTable files = call.Task.Files;
        bool same = (uint)call.Request.A0 == (uint)call.Request.A1;
        if (same)
            return files.Find((uint)call.Request.A0) is null
                ? SyscallResult.Fail(Errno.EBADF) : new SyscallResult((int)call.Request.A0);
        return DupTo(call, closeOnExec: false);
    }

    /// <summary>dup3(old, new, flags): EINVAL for the same descriptor or unknown flags.</summary>
    public static SyscallResult Dup3(CallProgress call)
    {
        var flags = (OpenFlags)(int)call.Request.A2;
        if ((flags & ~OpenFlags.CloseOnExec) != 0 || (uint)call.Request.A0 == (uint)call.Request.A1)
            return SyscallResult.Fail(Errno.EINVAL);
        return DupTo(call, (flags & OpenFlags.CloseOnExec) != 0);
    }

    /// <summary>lseek(fd, offset, whence): ESPIPE, EINVAL, ENXIO.</summary>
    /// <remarks>
    /// Linux: fs/read_write.c: generic_file_llseek_size, v6.18. Data and holes: <see cref="SeekHoleData"/>.
    /// </remarks>
    public static SyscallResult Lseek(CallProgress call)
    {
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file || (file.Flags & OpenFlags.Path) != 0)
            return SyscallResult.Fail(Errno.EBADF);
        uint whence = (uint)call.Request.A2;
        if (whence > 4)
            return SyscallResult.Fail(Errno.EINVAL);
        if (!file.IsSeekable)
            return file.Path == "/dev/null" ? default : SyscallResult.Fail(Errno.ESPIPE);
        // A text has no length before it is read (seq_lseek).
        if (file.Inode.Kind == InodeKind.Generated && whence > 1)
            return SyscallResult.Fail(Errno.EINVAL);
        long offset = (long)call.Request.A1;
        var size = (long)file.Inode.SizeBytes;
        if (whence >= 3 && (offset < 0 || offset >= size))
            return SyscallResult.Fail(Errno.ENXIO);
        long target = whence switch
        {
            0 or 3 => offset,
            1 => (long)file.Position + offset,
            2 => size + offset,
            _ => size,
        };
        if (target < 0 || (file.Inode.Kind == InodeKind.Regular && (ulong)target > MappedFile.MaxBytes))
            return SyscallResult.Fail(Errno.EINVAL);
        file.Position = (ulong)target;
        return new SyscallResult(target);
    }

    private static SyscallResult DupTo(CallProgress call, bool closeOnExec)
    {
        FdTable files = call.Task.Files;
        uint target = (uint)call.Request.A1;
        if (target >= (uint)files.Limit || files.Find((uint)call.Request.A0) is not { } file)
            return SyscallResult.Fail(Errno.EBADF);
        files.Install((int)target, file, closeOnExec);
        return new SyscallResult(target);
    }
}
