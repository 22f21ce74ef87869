using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>mkdir, mknod, symlink, link and their kin: names for what was not there, or had others.</summary>
/// <remarks>Linux: fs/namei.c: do_mkdirat, do_mknodat, do_symlinkat, do_linkat, filename_create, v6.18.</remarks>
public sealed class MakeCalls
{
    private const ulong SymlinkFollow = 0x400, EmptyPath = 0x1000;
    private const uint TypeBits = 0xf000, Fifo = 0x1000, Character = 0x2000, DirectoryType = 0x4000, Block = 0x6000,
        Regular = 0x8000, Socket = 0xc000;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public MakeCalls(FileServices services) => this.services = services;

    /// <summary>mkdir(path, mode), mkdirat(dirfd, path, mode): EEXIST, ENOENT, ENOTDIR, EACCES.</summary>
    public IEnumerator<PageLookup> Mkdir(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Mkdirat;
        var path = new WalkedPath(services);
        for (var steps = Path(call, path, at); steps.MoveNext();)
            yield return steps.Current;
        const uint kept = 0x3ff; // permissions and the sticky bit
        uint mode = (uint)(at ? call.Request.A2 : call.Request.A1) & kept;
        if (path.Found is { } found)
            call.Result = Add(call, path, found, InodeKind.Directory, mode, mayHaveSlash: true);
    }

    /// <summary>mknod(path, mode, dev), mknodat: EEXIST, EPERM for devices and directories, EINVAL.</summary>
    public IEnumerator<PageLookup> Mknod(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Mknodat;
        uint mode = (uint)(at ? call.Request.A2 : call.Request.A1);
        InodeKind? kind = (mode & TypeBits) switch
        {
            0 or Regular => InodeKind.Regular,
            Fifo => InodeKind.Fifo,
            Character or Block or Socket => InodeKind.Stream,
            _ => null,
        };
        if (kind is not { } known)
        {
            call.Fail((mode & TypeBits) == DirectoryType ? Errno.EPERM : Errno.EINVAL);
            yield break;
        }

        var path = new WalkedPath(services);
        for (var steps = Path(call, path, at); steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        bool isDevice = (mode & TypeBits) is Character or Block;
        if (found.Inode is null && isDevice && !call.Task.Credentials.Has(Tasks.Capabilities.MakeNode))
            call.Fail(Errno.EPERM);
        else
            call.Result = Add(call, path, found, known, mode & 0xfff, mayHaveSlash: false);
    }

    /// <summary>symlink(target, path), symlinkat(target, dirfd, path): ENOENT, EEXIST.</summary>
    public IEnumerator<PageLookup> Symlink(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Symlinkat;
        var target = new PathOperand(services);
        for (var steps = target.Take(call, call.Request.A0, call.Operands?.Path); steps.MoveNext();)
            yield return steps.Current;
        if (target.Path is not { } leadsTo)
            yield break;
        var path = new WalkedPath(services);
        ulong directory = at ? call.Request.A1 : WorkingDirectory;
        for (var steps = path.Take(call, directory, at ? call.Request.A2 : call.Request.A1, call.Operands?.Path2,
            follow: false, ofName: true); steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        call.Result = Add(call, path, found, InodeKind.Symlink, 0x1ff, mayHaveSlash: false);
        if (!call.Result.IsError && services.Names.Objects.Find(found.Path) is { } link)
        {
            link.Target = leadsTo;
            link.Permissions = 0x1ff;
            link.SizeBytes = (ulong)System.Text.Encoding.UTF8.GetByteCount(leadsTo);
        }
    }

    /// <summary>link(old, new), linkat(dirfd, old, dirfd, new, flags): ENOENT, EEXIST, EPERM for a directory.</summary>
    public IEnumerator<PageLookup> Link(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Linkat;
        ulong flags = at ? call.Request.A4 : 0;
        if ((flags & ~(SymlinkFollow | EmptyPath)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var old = new WalkedPath(services);
        for (var steps = old.Take(call, at ? call.Request.A0 : WorkingDirectory,
            at ? call.Request.A1 : call.Request.A0, call.Operands?.Path, (flags & SymlinkFollow) != 0);
            steps.MoveNext();)
            yield return steps.Current;
        if (old.Found is not { } from)
            yield break;
        if (from.Inode is null)
        {
            call.Fail(Errno.ENOENT);
            yield break;
        }

        var path = new WalkedPath(services);
        for (var steps = path.Take(call, at ? call.Request.A2 : WorkingDirectory,
            at ? call.Request.A3 : call.Request.A1, call.Operands?.Path2, follow: false, tells: false, ofName: true);
            steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is { } found)
            call.Result = LinkTo(call, path, found, from.Inode);
    }

    private SyscallResult LinkTo(CallProgress call, WalkedPath path, in WalkResult found, Inode inode)
    {
        if (found.Inode is not null)
            return SyscallResult.Fail(Errno.EEXIST);
        if (path.HasSlash)
            return SyscallResult.Fail(Errno.ENOENT);
        if (path.MayChange(call, found, takes: false) is var refusal and not Errno.None)
            return SyscallResult.Fail(refusal);
        if (inode.Kind == InodeKind.Directory)
            return SyscallResult.Fail(Errno.EPERM);
        string name = inode.Mapping.Name;
        services.Names.Objects.Link(found.Path, inode);
        inode.Mapping.Name = name;
        return default;
    }

    private SyscallResult Add(CallProgress call, WalkedPath path, in WalkResult found, InodeKind kind, uint mode,
        bool mayHaveSlash)
    {
        if (found.Inode is not null || path.LastName is "" or "." or "..")
            return SyscallResult.Fail(Errno.EEXIST);
        if (path.HasSlash && !mayHaveSlash)
            return SyscallResult.Fail(Errno.ENOENT);
        if (path.MayChange(call, found, takes: false) is var refusal and not Errno.None)
            return SyscallResult.Fail(refusal);
        services.Names.Make(call.Task, found.Path, kind, mode);
        return default;
    }

    private static IEnumerator<PageLookup> Path(CallProgress call, WalkedPath path, bool at) => path.Take(call,
        at ? call.Request.A0 : WorkingDirectory, at ? call.Request.A1 : call.Request.A0, call.Operands?.Path,
        follow: false, ofName: true);

    private const ulong WorkingDirectory = unchecked((ulong)PathWalk.WorkingDirectory);
}
