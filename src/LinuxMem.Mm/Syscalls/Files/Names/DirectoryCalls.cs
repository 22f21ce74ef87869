using System.Buffers.Binary;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>chdir, fchdir, getcwd, getdents64, readlink, readlinkat.</summary>
/// <remarks>
/// Linux: fs/open.c: chdir, fchdir; fs/d_path.c: getcwd; fs/readdir.c: getdents64; fs/stat.c: do_readlinkat, v6.18.
/// Directories list their names in order of bytes, where ext4 has the order of a hash.
/// </remarks>
public sealed class DirectoryCalls
{
    private const int EntryHeaderBytes = 19; // d_ino, d_off, d_reclen, d_type
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public DirectoryCalls(FileServices services) => this.services = services;

    /// <summary>chdir(path): ENOENT, ENOTDIR, EACCES.</summary>
    public IEnumerator<PageLookup> Chdir(CallProgress call)
    {
        var path = new WalkedPath(services);
        for (var steps = path.Take(call, WorkingDirectory, call.Request.A0, call.Operands?.Path, follow: true);
            steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        bool isRoot = found.Path is "" or "/";
        Errno error = found.Inode is null && !isRoot ? Errno.ENOENT : Enter(call, found.Inode);
        if (error == Errno.None)
            call.Task.Fs.Enter(found.Path, found.Inode);
        else
            call.Fail(error);
    }

    /// <summary>fchdir(fd): EBADF, ENOTDIR, EACCES.</summary>
    public SyscallResult Fchdir(CallProgress call)
    {
        if (call.Task.Files.Find((uint)call.Request.A0) is not { } file)
            return SyscallResult.Fail(Errno.EBADF);
        Errno error = Enter(call, file.Inode);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        call.Task.Fs.Enter(file.Inode.Mapping.Name, file.Inode);
        return default;
    }

    /// <summary>getcwd(buf, size): the length with the ending zero; ERANGE, ENOENT where it is gone.</summary>
    public IEnumerator<PageLookup> Getcwd(CallProgress call)
    {
        string path = call.Task.Fs.Directory;
        if (path.Length == 0)
            path = "/";
        byte[] bytes = Encoding.UTF8.GetBytes(path + "\0");
        if (call.Task.Fs.Inode is { Links: 0 })
            call.Fail(Errno.ENOENT);
        else if (call.Request.A1 < (ulong)bytes.Length)
            call.Fail(Errno.ERANGE);
        else
            call.Return(bytes.Length);
        if (call.Result.IsError || call.Operands is { BuffersUnknown: true })
            yield break;
        for (var steps = services.Copy.CopyToUser(call, call.Request.A0, bytes); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < (ulong)bytes.Length)
            call.Fail(Errno.EFAULT);
    }

    /// <summary>readlink(path, buf, size), readlinkat: EINVAL for what is no link, or no room.</summary>
    public IEnumerator<PageLookup> Readlink(CallProgress call)
    {
        bool at = call.Request.Nr == SyscallNr.Readlinkat;
        int room = (int)(at ? call.Request.A3 : call.Request.A2);
        if (room <= 0)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        var path = new WalkedPath(services);
        for (var steps = path.Take(call, at ? call.Request.A0 : WorkingDirectory,
            at ? call.Request.A1 : call.Request.A0, call.Operands?.Path, follow: false); steps.MoveNext();)
            yield return steps.Current;
        if (path.Found is not { } found)
            yield break;
        if (found.Inode is not { Kind: InodeKind.Symlink, Target: { } target })
        {
            call.Fail(found.Inode is null && found.Path is not ("" or "/") ? Errno.ENOENT : Errno.EINVAL);
            yield break;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(target);
        bytes = bytes[..Math.Min(bytes.Length, room)];
        call.Return(bytes.Length);
        if (call.Operands is { BuffersUnknown: true })
            yield break;
        for (var steps = services.Copy.CopyToUser(call, at ? call.Request.A2 : call.Request.A1, bytes);
            steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < (ulong)bytes.Length)
            call.Fail(Errno.EFAULT);
    }

    /// <summary>
    /// getdents64(fd, buf, count): as many whole entries as there is room for; EBADF, ENOTDIR, EINVAL where there is
    /// not even room for one.
    /// </summary>
    public IEnumerator<PageLookup> Getdents(CallProgress call)
    {
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            call.Fail(Errno.EBADF);
        else if (file.Inode.Kind != InodeKind.Directory)
            call.Fail(Errno.ENOTDIR);
        if (call.Result.IsError)
            yield break;
        byte[] bytes = Entries(file!, (uint)call.Request.A2, out ulong next, out bool isFull);
        if (bytes.Length == 0 && isFull)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (call.Operands is not { BuffersUnknown: true } && bytes.Length > 0)
        {
            for (var steps = services.Copy.CopyToUser(call, call.Request.A1, bytes); steps.MoveNext();)
                yield return steps.Current;
            if (call.Copied < (ulong)bytes.Length)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }
        }

        file!.Position = next;
        call.Return(bytes.Length);
    }

    private byte[] Entries(OpenFile file, uint room, out ulong next, out bool isFull)
    {
        string at = file.Inode.Mapping.Name;
        (string Name, Inode Inode)[] all =
        [
            (".", file.Inode), ("..", services.Names.Walk.ParentOf(at) ?? file.Inode),
            .. file.Inode.Entries.Select(static e => (e.Key, e.Value)),
        ];
        var bytes = new List<byte>();
        next = file.Position;
        isFull = false;
        for (; next < (ulong)all.Length; next++)
        {
            byte[] name = Encoding.UTF8.GetBytes(all[(int)next].Name);
            int length = (EntryHeaderBytes + name.Length + 1 + 7) & ~7;
            isFull = bytes.Count + length > room;
            if (isFull)
                break;
            var entry = new byte[length];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, (ulong)all[(int)next].Inode.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), next + 1);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(16), (ushort)length);
            entry[18] = TypeOf(all[(int)next].Inode.Kind);
            name.CopyTo(entry, EntryHeaderBytes);
            bytes.AddRange(entry);
        }

        return [.. bytes];
    }

    private static byte TypeOf(InodeKind kind) => kind switch
    {
        InodeKind.Directory => 4,
        InodeKind.Symlink => 10,
        InodeKind.Fifo => 1,
        InodeKind.Stream or InodeKind.DevZero => 2,
        _ => 8,
    };

    private static Errno Enter(CallProgress call, Inode? inode) => inode is null ? Errno.None
        : inode.IsKindKnown && inode.Kind != InodeKind.Directory ? Errno.ENOTDIR
        : InodePermission.May(call.Task.Credentials, inode, InodePermission.Execute) ? Errno.None : Errno.EACCES;

    private const ulong WorkingDirectory = unchecked((ulong)PathWalk.WorkingDirectory);
}
