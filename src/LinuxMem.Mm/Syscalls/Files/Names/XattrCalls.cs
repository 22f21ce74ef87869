using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>setxattr, getxattr, listxattr, removexattr and their kin: values attached to files under names.</summary>
/// <remarks>
/// Linux: fs/xattr.c: path_setxattrat, xattr_permission, xattr_resolve_name; fs/posix_acl.c: vfs_set_acl, v6.18. A
/// trace tells the name as the second path, and the value as what the caller writes. Access control lists that say more
/// than a mode does are refused, as by a file system without them.
/// </remarks>
public sealed class XattrCalls
{
    private const string AccessList = "system.posix_acl_access", DefaultList = "system.posix_acl_default";
    private const int ValueBytesMax = 65536, NameBytesMax = 255, ListBytesMax = 65536;
    private const ulong NoFollow = 0x100;
    private const uint Create = 1, Replace = 2;
    private readonly FileServices services;
    private readonly BufferedCopy copy;

    /// <summary>With the machine's services.</summary>
    public XattrCalls(FileServices services)
    {
        this.services = services;
        copy = new BufferedCopy(services);
    }

    /// <summary>setxattr, lsetxattr, fsetxattr: EINVAL, ERANGE, E2BIG, EFAULT, EEXIST, ENODATA, ENOSPC.</summary>
    public IEnumerator<PageLookup> Set(CallProgress call)
    {
        var flags = (uint)call.Request.A4;
        ulong size = call.Request.A3;
        var name = new NameOperand(services);
        if ((flags & ~(Create | Replace)) != 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        for (var steps = name.Take(call); steps.MoveNext();)
            yield return steps.Current;
        if (name.Value is not { } attribute)
            yield break;
        if (size > ValueBytesMax)
        {
            call.Fail(Errno.E2BIG);
            yield break;
        }

        for (var steps = copy.In(call, call.Request.A2, (int)size); steps.MoveNext();)
            yield return steps.Current;
        if (copy.Bytes is not { } value)
            yield break;
        var target = TargetOf(call);
        for (var steps = Find(call, target); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is { } inode)
            call.Result = SyscallResult.Fail(Set(call.Task.Credentials, inode, attribute, value, flags));
    }

    /// <summary>getxattr, lgetxattr, fgetxattr: ENODATA, ERANGE, EOPNOTSUPP.</summary>
    public IEnumerator<PageLookup> Get(CallProgress call)
    {
        var name = new NameOperand(services);
        for (var steps = name.Take(call); steps.MoveNext();)
            yield return steps.Current;
        if (name.Value is not { } attribute)
            yield break;
        var target = TargetOf(call);
        for (var steps = Find(call, target); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        Errno error = IsAccessList(attribute) ? MayHaveList(inode, attribute)
            : Check(call.Task.Credentials, inode, attribute, writes: false);
        byte[]? value = error == Errno.None ? inode.Attributes.Find(attribute) : null;
        if (error != Errno.None || value is null)
        {
            call.Fail(error != Errno.None ? error : Errno.ENODATA);
            yield break;
        }

        for (var steps = Give(call, call.Request.A2, value, call.Request.A3); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>listxattr, llistxattr, flistxattr: the names one after the other, ERANGE.</summary>
    public IEnumerator<PageLookup> List(CallProgress call)
    {
        var target = TargetOf(call);
        for (var steps = Find(call, target); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        if (!HasAttributes(inode))
        {
            call.Fail(inode.Kind == InodeKind.Generated ? Errno.None : Errno.EOPNOTSUPP);
            yield break;
        }

        bool seesTrusted = call.Task.Credentials.Has(Capabilities.SysAdmin);
        var list = new StringBuilder();
        foreach (string name in inode.Attributes.Names)
        {
            if (seesTrusted || !name.StartsWith("trusted.", StringComparison.Ordinal))
                list.Append(name).Append('\0');
        }

        for (var steps = Give(call, call.Request.A1, Encoding.UTF8.GetBytes(list.ToString()),
            Math.Min(call.Request.A2, ListBytesMax)); steps.MoveNext();)
            yield return steps.Current;
    }

    /// <summary>removexattr, lremovexattr, fremovexattr: ENODATA.</summary>
    public IEnumerator<PageLookup> Remove(CallProgress call)
    {
        var name = new NameOperand(services);
        for (var steps = name.Take(call); steps.MoveNext();)
            yield return steps.Current;
        if (name.Value is not { } attribute)
            yield break;
        var target = TargetOf(call);
        for (var steps = Find(call, target); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        Credentials who = call.Task.Credentials;
        Errno error = IsAccessList(attribute)
            ? MayHaveList(inode, attribute) is var refusal and not Errno.None ? refusal
                : InodePermission.Owns(who, inode) ? Errno.None : Errno.EPERM
            : Check(who, inode, attribute, writes: true);
        if (error == Errno.None && !IsAccessList(attribute) && !inode.Attributes.Remove(attribute))
            error = Errno.ENODATA;
        call.Result = SyscallResult.Fail(error);
    }

    private FileTarget TargetOf(CallProgress call) => new(services)
    {
        OfDescriptor = call.Request.Nr is SyscallNr.Fsetxattr or SyscallNr.Fgetxattr or SyscallNr.Flistxattr
            or SyscallNr.Fremovexattr,
    };

    private static IEnumerator<PageLookup> Find(CallProgress call, FileTarget target)
    {
        bool staysAtLink = call.Request.Nr is SyscallNr.Lsetxattr or SyscallNr.Lgetxattr or SyscallNr.Llistxattr
            or SyscallNr.Lremovexattr;
        return target.Take(call, at: false, call.Request.A0, staysAtLink ? NoFollow : 0);
    }

    private static Errno Set(Credentials who, Inode inode, string name, byte[] value, uint flags)
    {
        if (IsAccessList(name))
            return AccessControl.Set(who, inode, value, name == DefaultList);
        if (Check(who, inode, name, writes: true) is var error and not Errno.None)
            return error;
        bool isThere = inode.Attributes.Find(name) is not null;
        if (isThere && (flags & Create) != 0)
            return Errno.EEXIST;
        if (!isThere && (flags & Replace) != 0)
            return Errno.ENODATA;
        if (inode.Kind != InodeKind.Shmem && !inode.Attributes.HasRoom(name, value.Length))
            return Errno.ENOSPC;
        inode.Attributes.Set(name, value);
        return Errno.None;
    }

    private static bool IsAccessList(string name) => name is AccessList or DefaultList;

    private static Errno MayHaveList(Inode inode, string name) => !HasAttributes(inode)
        || inode.Kind == InodeKind.Symlink ? Errno.EOPNOTSUPP
        : name == DefaultList && inode.Kind != InodeKind.Directory ? Errno.EACCES : Errno.None;

    private static bool HasAttributes(Inode inode) =>
        inode.Kind is InodeKind.Regular or InodeKind.Shmem or InodeKind.Directory or InodeKind.Symlink;

    // Linux: fs/xattr.c: xattr_permission comes before the look for who keeps names of that kind.
    private static Errno Check(Credentials who, Inode inode, string name, bool writes)
    {
        bool isUsers = name.StartsWith("user.", StringComparison.Ordinal);
        bool isTrusted = name.StartsWith("trusted.", StringComparison.Ordinal);
        bool isSecurity = name.StartsWith("security.", StringComparison.Ordinal);
        Errno refused = writes ? Errno.EPERM : Errno.ENODATA;
        if (isTrusted && !who.Has(Capabilities.SysAdmin))
            return refused;
        if (isUsers && inode.Kind is not (InodeKind.Regular or InodeKind.Shmem or InodeKind.Directory))
            return refused;
        bool isFree = isSecurity || isTrusted || name.StartsWith("system.", StringComparison.Ordinal);
        if (!isFree && !InodePermission.May(who, inode, writes ? InodePermission.Write : InodePermission.Read))
            return Errno.EACCES;
        if (!HasAttributes(inode) || !(isUsers || isTrusted || isSecurity))
            return Errno.EOPNOTSUPP;
        return name.EndsWith('.') && name.IndexOf('.', StringComparison.Ordinal) == name.Length - 1
            ? Errno.EINVAL : Errno.None;
    }

    private IEnumerator<PageLookup> Give(CallProgress call, ulong address, byte[] bytes, ulong room)
    {
        call.Return(bytes.Length);
        if (room == 0)
            yield break;
        if (room < (ulong)bytes.Length)
        {
            call.Fail(Errno.ERANGE);
            yield break;
        }

        for (var steps = copy.Out(call, address, bytes); steps.MoveNext();)
            yield return steps.Current;
    }

    // The name of an attribute: the second path of the operands, or from memory.
    private sealed class NameOperand(FileServices services)
    {
        internal string? Value { get; private set; }

        internal IEnumerator<PageLookup> Take(CallProgress call)
        {
            var path = new PathOperand(services);
            for (var steps = path.Take(call, call.Request.A1, call.Operands?.Path2, mayBeEmpty: true);
                steps.MoveNext();)
                yield return steps.Current;
            if (path.Path is { Length: > 0 } name && Encoding.UTF8.GetByteCount(name) <= NameBytesMax)
                Value = name;
            else if (path.Path is not null || call.Result.Errno == Errno.ENAMETOOLONG)
                call.Fail(Errno.ERANGE);
        }
    }
}
