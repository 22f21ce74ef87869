using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>access, chmod, chown and their kin, umask: who owns a file and who may do what with it.</summary>
/// <remarks>Linux: fs/open.c: do_faccessat, do_fchmodat, do_fchownat; kernel/sys.c: umask, v6.18.</remarks>
public sealed class AttributeCalls
{
    private const ulong NoFollow = 0x100, EffectiveIds = 0x200, EmptyPath = 0x1000;
    private const uint Keep = uint.MaxValue, ModeBits = 0xfff;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public AttributeCalls(FileServices services) => this.services = services;

    /// <summary>umask(mask): what it was before.</summary>
    public static SyscallResult Umask(CallProgress call)
    {
        uint old = call.Task.Fs.Umask;
        call.Task.Fs.Umask = (uint)call.Request.A0 & 0x1ff;
        return new SyscallResult(old);
    }

    /// <summary>access, faccessat, faccessat2: as the real user, unless AT_EACCESS says otherwise.</summary>
    public IEnumerator<PageLookup> Access(CallProgress call)
    {
        bool at = call.Request.Nr != SyscallNr.Access;
        ulong mode = (uint)(at ? call.Request.A2 : call.Request.A1);
        ulong flags = call.Request.Nr == SyscallNr.Faccessat2 ? (uint)call.Request.A3 : 0;
        if (mode > 7 || (flags & ~(NoFollow | EffectiveIds | EmptyPath)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var target = new FileTarget(services);
        for (var steps = target.Take(call, at, at ? call.Request.A1 : call.Request.A0, flags); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        bool asReal = (flags & EffectiveIds) == 0;
        bool may = mode == 0 || InodePermission.May(call.Task.Credentials, inode, (uint)mode, asReal);
        call.Result = may ? default : SyscallResult.Fail(Errno.EACCES);
    }

    /// <summary>chmod, fchmod, fchmodat, fchmodat2: EPERM for whom the file does not belong to.</summary>
    public IEnumerator<PageLookup> Chmod(CallProgress call)
    {
        SyscallNr nr = call.Request.Nr;
        bool at = nr is SyscallNr.Fchmodat or SyscallNr.Fchmodat2;
        ulong flags = nr == SyscallNr.Fchmodat2 ? (uint)call.Request.A3 : 0;
        if ((flags & ~(NoFollow | EmptyPath)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var target = new FileTarget(services) { OfDescriptor = nr == SyscallNr.Fchmod };
        for (var steps = target.Take(call, at, at ? call.Request.A1 : call.Request.A0, flags); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        if (inode.Kind == InodeKind.Symlink)
            call.Fail(Errno.EOPNOTSUPP);
        else if (!InodePermission.Owns(call.Task.Credentials, inode))
            call.Fail(Errno.EPERM);
        else if (!TrySetMode(inode, (uint)(at ? call.Request.A2 : call.Request.A1) & ModeBits))
            call.Fail(Errno.EPERM);
    }

    // Linux: mm/shmem.c: shmem_setattr: a sealed file keeps its x bits, v6.18.
    private static bool TrySetMode(Inode inode, uint mode)
    {
        const uint executes = 0x49; // --x--x--x
        bool isSealed = inode.Kind == InodeKind.Shmem && (inode.Seals & FileSeals.Exec) != 0;
        if (isSealed && inode.Permissions is { } old && ((old ^ mode) & executes) != 0)
            return false;
        inode.Permissions = mode;
        inode.IsExecutable = (mode & executes) != 0;
        return true;
    }

    /// <summary>chown, fchown, lchown, fchownat: EPERM for who may not give files away.</summary>
    public IEnumerator<PageLookup> Chown(CallProgress call)
    {
        SyscallNr nr = call.Request.Nr;
        bool at = nr == SyscallNr.Fchownat;
        ulong flags = at ? (uint)call.Request.A4 : nr == SyscallNr.Lchown ? NoFollow : 0;
        if ((flags & ~(NoFollow | EmptyPath)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var target = new FileTarget(services) { OfDescriptor = nr == SyscallNr.Fchown };
        for (var steps = target.Take(call, at, at ? call.Request.A1 : call.Request.A0, flags); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        uint uid = (uint)(at ? call.Request.A2 : call.Request.A1);
        uint gid = (uint)(at ? call.Request.A3 : call.Request.A2);
        Credentials who = call.Task.Credentials;
        bool own = inode.Permissions is null || who.Euid == inode.Uid;
        bool mayUser = uid == Keep || (own && uid == inode.Uid) || who.Has(Capabilities.ChangeOwner);
        bool mayGroup = gid == Keep || (own && (gid == inode.Gid || gid == who.Egid))
            || who.Has(Capabilities.ChangeOwner);
        if (!mayUser || !mayGroup)
        {
            call.Fail(Errno.EPERM);
            yield break;
        }

        inode.Uid = uid == Keep ? inode.Uid : uid;
        inode.Gid = gid == Keep ? inode.Gid : gid;
    }
}
