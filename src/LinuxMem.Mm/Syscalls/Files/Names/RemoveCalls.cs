using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>unlink, unlinkat, rmdir.</summary>
/// <remarks>Linux: fs/namei.c: do_unlinkat, do_rmdir, v6.18.</remarks>
public sealed class RemoveCalls
{
    private const ulong RemoveDirectory = 0x200;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public RemoveCalls(FileServices services) => this.services = services;

    /// <summary>
    /// Takes a name away: ENOENT, EISDIR, ENOTDIR, EINVAL for ".", ENOTEMPTY, EBUSY for the root, EACCES, EPERM.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Unlinkat;
        ulong flags = at ? call.Request.A2 : call.Request.Nr == SyscallNr.Rmdir ? RemoveDirectory : 0;
        if ((flags & ~RemoveDirectory) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var path = new WalkedPath(services);
        ulong directory = at ? call.Request.A0 : unchecked((ulong)PathWalk.WorkingDirectory);
        for (var steps = path.Take(call, directory, at ? call.Request.A1 : call.Request.A0, call.Operands?.Path,
            follow: false, ofName: true); steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        Errno error = (flags & RemoveDirectory) != 0 ? Rmdir(call, path, found) : Unlink(call, path, found);
        if (error != Errno.None)
            call.Fail(error);
        else
            call.Return(0);
    }

    private Errno Unlink(CallProgress call, WalkedPath path, in WalkResult found)
    {
        if (path.LastName is "" or "." or "..")
            return Errno.EISDIR;
        if (found.Inode is not { } inode)
            return Errno.ENOENT;
        if (path.HasSlash)
            return inode.Kind == InodeKind.Directory ? Errno.EISDIR : Errno.ENOTDIR;
        if (path.MayChange(call, found, takes: true) is var refusal and not Errno.None)
            return refusal;
        if (inode.Kind == InodeKind.Directory)
            return Errno.EISDIR;
        services.Names.Objects.Unlink(found.Path);
        return Errno.None;
    }

    private Errno Rmdir(CallProgress call, WalkedPath path, in WalkResult found)
    {
        switch (path.LastName)
        {
            case "..":
                return Errno.ENOTEMPTY;
            case ".":
                return Errno.EINVAL;
            case "":
                return Errno.EBUSY;
        }

        if (found.Inode is not { } inode)
            return Errno.ENOENT;
        if (path.MayChange(call, found, takes: true) is var refusal and not Errno.None)
            return refusal;
        if (inode.Kind != InodeKind.Directory)
            return Errno.ENOTDIR;
        if (inode.Entries.Count > 0)
            return Errno.ENOTEMPTY;
        services.Names.Objects.Unlink(found.Path);
        services.Names.Walk.NoteGone(found.Path);
        services.Names.Walk.NoteGone(inode.Mapping.Name);
        return Errno.None;
    }
}
