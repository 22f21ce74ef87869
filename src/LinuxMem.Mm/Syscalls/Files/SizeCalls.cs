using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files.Names;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>ftruncate, truncate.</summary>
/// <remarks>Linux: fs/open.c: do_ftruncate, vfs_truncate, v6.18.</remarks>
public sealed class SizeCalls
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public SizeCalls(FileServices services) => this.services = services;

    /// <summary>
    /// ftruncate(fd, length): EINVAL (negative, not writable, not a file), EBADF, EPERM (sealed), EFBIG.
    /// </summary>
    public IEnumerator<PageLookup> Ftruncate(CallProgress call)
    {
        if ((long)call.Request.A1 < 0)
            return FileServices.Fail(call, Errno.EINVAL);
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return FileServices.Fail(call, Errno.EBADF);
        if (!file.Inode.HasPages || !file.CanWrite)
            return FileServices.Fail(call, Errno.EINVAL);
        return SetSize(call, file.Inode, call.Request.A1);
    }

    /// <summary>truncate(path, length): EINVAL, ENOENT, EISDIR, ETXTBSY.</summary>
    public IEnumerator<PageLookup> Truncate(CallProgress call)
    {
        if ((long)call.Request.A1 < 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var paths = new WalkedPath(services);
        for (var steps = paths.Take(call, unchecked((ulong)PathWalk.WorkingDirectory), call.Request.A0,
            call.Operands?.Path, follow: true); steps.MoveNext();)
            yield return steps.Current;
        if (paths.Found is not { } path)
            yield break;
        Inode? inode = path.Inode;
        Errno error = inode switch
        {
            null => Errno.ENOENT,
            { Kind: InodeKind.Directory } => Errno.EISDIR,
            { HasPages: false } => Errno.EINVAL,
            { WriteCount: < 0 } => Errno.ETXTBSY,
            _ when !InodePermission.May(call.Task.Credentials, inode, InodePermission.Write) => Errno.EACCES,
            _ => Errno.None,
        };
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var steps = SetSize(call, inode!, call.Request.A1); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> SetSize(CallProgress call, Inode inode, ulong bytes)
    {
        bool shrinks = bytes < inode.SizeBytes;
        bool grows = bytes > inode.SizeBytes;
        if (inode.Kind == InodeKind.Regular && bytes > MappedFile.MaxBytes)
            return FileServices.Fail(call, Errno.EFBIG);
        if (inode.IsSecret && inode.SizeBytes != 0)
            return FileServices.Fail(call, Errno.EINVAL);
        if (inode.Huge is { } huge && (bytes & (huge.Pool.Bytes - 1)) != 0)
            return FileServices.Fail(call, Errno.EINVAL);
        if (grows && !FileSizeLimit.Allows(call, bytes))
            return FileServices.Fail(call, Errno.EFBIG);
        bool isSealed = (shrinks && (inode.Seals & FileSeals.Shrink) != 0)
            || (grows && (inode.Seals & FileSeals.Grow) != 0);
        if (inode.Kind == InodeKind.Shmem && isSealed)
            return FileServices.Fail(call, Errno.EPERM);
        return services.Cuts.SetSize(call, inode, bytes);
    }
}
