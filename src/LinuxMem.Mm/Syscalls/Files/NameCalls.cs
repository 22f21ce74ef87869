using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>unlink, unlinkat, rename, renameat, renameat2, link.</summary>
/// <remarks>Linux: fs/namei.c: do_unlinkat, do_renameat2, do_linkat, v6.18. Directories are not kept.</remarks>
public sealed class NameCalls
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public NameCalls(FileServices services) => this.services = services;

    /// <summary>unlink(path), unlinkat(dirfd, path, flags): ENOENT, EISDIR, EINVAL.</summary>
    public IEnumerator<PageLookup> Unlink(CallProgress call)
    {
        const ulong removeDirectory = 0x200;
        bool at = call.Request.Nr == SyscallNr.Unlinkat;
        if (at && (call.Request.A2 & ~removeDirectory) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var paths = new PathOperand(services);
        ulong address = at ? call.Request.A1 : call.Request.A0;
        for (var steps = paths.Take(call, address, call.Operands?.Path); steps.MoveNext();)
            yield return steps.Current;
        if (paths.Path is not { } path)
            yield break;
        Inode? inode = Find(call, path);
        bool directory = inode?.Kind == InodeKind.Directory;
        bool wantsDirectory = at && (call.Request.A2 & removeDirectory) != 0;
        Errno error = inode is null ? Errno.ENOENT : directory == wantsDirectory ? Errno.None
            : directory ? Errno.EISDIR : Errno.ENOTDIR;
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        services.Names.Objects.Unlink(path);
        call.Return(0);
    }

    /// <summary>rename(old, new) and its kin: ENOENT, EEXIST (RENAME_NOREPLACE), EINVAL.</summary>
    public IEnumerator<PageLookup> Rename(CallProgress call)
    {
        const ulong noReplace = 1;
        const ulong exchange = 2;
        bool plain = call.Request.Nr == SyscallNr.Rename;
        ulong flags = call.Request.Nr == SyscallNr.Renameat2 ? call.Request.A4 : 0;
        if ((flags & ~(noReplace | exchange)) != 0 || flags == (noReplace | exchange))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var from = new PathOperand(services);
        for (var steps = from.Take(call, plain ? call.Request.A0 : call.Request.A1, call.Operands?.Path);
            steps.MoveNext();)
            yield return steps.Current;
        if (from.Path is null)
            yield break;
        var to = new PathOperand(services);
        for (var steps = to.Take(call, plain ? call.Request.A1 : call.Request.A3, call.Operands?.Path2);
            steps.MoveNext();)
            yield return steps.Current;
        if (to.Path is null)
            yield break;
        call.Result = Move(call, from.Path, to.Path, flags == noReplace, flags == exchange);
    }

    private SyscallResult Move(CallProgress call, string from, string to, bool noReplace, bool exchanges)
    {
        SharedObjects objects = services.Names.Objects;
        Inode? inode = Find(call, from);
        Inode? target = objects.Find(to);
        if (inode is null || (exchanges && target is null))
            return SyscallResult.Fail(Errno.ENOENT);
        if (noReplace && target is not null)
            return SyscallResult.Fail(Errno.EEXIST);
        if (inode == target)
            return default;
        objects.Link(to, inode);
        if (exchanges)
            objects.Link(from, target!);
        else
            objects.Unlink(from);
        inode.Mapping.Name = to;
        return default;
    }

    private Inode? Find(CallProgress call, string path)
    {
        Inode? inode = services.Names.Objects.Find(path);
        return inode is null && call.Operands?.External is { } external
            ? services.Names.AddExternal(path, external) : inode;
    }
}
