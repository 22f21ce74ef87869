using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>rename, renameat, renameat2.</summary>
/// <remarks>Linux: fs/namei.c: do_renameat2, vfs_rename, v6.18. RENAME_WHITEOUT is EINVAL.</remarks>
public sealed class RenameCalls
{
    private const ulong NoReplace = 1, Exchange = 2;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public RenameCalls(FileServices services) => this.services = services;

    /// <summary>
    /// Moves a name: EINVAL, EBUSY, ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EACCES, EPERM; EINVAL also for a
    /// directory that would come to lie in itself.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        bool plain = call.Request.Nr == SyscallNr.Rename;
        ulong flags = call.Request.Nr == SyscallNr.Renameat2 ? call.Request.A4 : 0;
        if ((flags & ~(NoReplace | Exchange)) != 0 || flags == (NoReplace | Exchange))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        const ulong workingDirectory = unchecked((ulong)PathWalk.WorkingDirectory);
        var from = new WalkedPath(services);
        for (var steps = from.Take(call, plain ? workingDirectory : call.Request.A0,
            plain ? call.Request.A0 : call.Request.A1, call.Operands?.Path, follow: false,
            ofName: true); steps.MoveNext();)
            yield return steps.Current;
        if (from.Found is not { } old)
            yield break;
        var to = new WalkedPath(services);
        for (var steps = to.Take(call, plain ? workingDirectory : call.Request.A2,
            plain ? call.Request.A1 : call.Request.A3, call.Operands?.Path2, follow: false, tells: false, ofName: true);
            steps.MoveNext();)
            yield return steps.Current;
        if (to.Found is not { } target)
            yield break;
        Errno error = Move(call, (from, old), (to, target), flags);
        if (error != Errno.None)
            call.Fail(error);
        else
            call.Return(0);
    }

    private Errno Move(CallProgress call, (WalkedPath Path, WalkResult At) from, (WalkedPath Path, WalkResult At) to,
        ulong flags)
    {
        if (from.Path.LastName is "" or "." or "..")
            return Errno.EBUSY;
        if (to.Path.LastName is "" or "." or "..")
            return flags == NoReplace ? Errno.EEXIST : Errno.EBUSY;
        if (from.At.Inode is not { } inode || (flags == Exchange && to.At.Inode is null))
            return Errno.ENOENT;
        if (flags == NoReplace && to.At.Inode is not null)
            return Errno.EEXIST;
        bool isDirectory = inode.Kind == InodeKind.Directory;
        if (!isDirectory && (from.Path.HasSlash || (to.Path.HasSlash && flags != Exchange)))
            return Errno.ENOTDIR;
        if (IsBelow(to.At.Path, from.At.Path))
            return Errno.EINVAL;
        if (IsBelow(from.At.Path, to.At.Path))
            return flags == Exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        if (inode == to.At.Inode)
            return Errno.None;
        if (from.Path.MayChange(call, from.At, takes: true) is var refusal and not Errno.None)
            return refusal;
        if (to.Path.MayChange(call, to.At, takes: to.At.Inode is not null) is var other and not Errno.None)
            return other;
        if (flags == Exchange)
        {
            services.Names.Objects.Swap(from.At.Path, to.At.Path);
            return Errno.None;
        }

        if (to.At.Inode is { } replaced && Replaces(isDirectory, replaced) is var mismatch and not Errno.None)
            return mismatch;
        services.Names.Objects.Move(from.At.Path, to.At.Path);
        if (isDirectory)
        {
            services.Names.Walk.NoteGone(from.At.Path);
            services.Names.Walk.NoteMade(to.At.Path);
        }

        return Errno.None;
    }

    private static Errno Replaces(bool isDirectory, Inode replaced)
    {
        if (isDirectory && replaced.Kind != InodeKind.Directory)
            return Errno.ENOTDIR;
        if (!isDirectory && replaced.Kind == InodeKind.Directory)
            return Errno.EISDIR;
        return isDirectory && replaced.Entries.Count > 0 ? Errno.ENOTEMPTY : Errno.None;
    }

    private static bool IsBelow(string path, string directory) =>
        path.Length > directory.Length && path.StartsWith(directory, StringComparison.Ordinal)
            && path[directory.Length] == '/';
}
