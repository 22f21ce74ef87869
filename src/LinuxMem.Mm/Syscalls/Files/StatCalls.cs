using System.Buffers.Binary;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files.Names;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>stat, lstat, fstat, newfstatat, statx: size and kind are told; times are zero.</summary>
/// <remarks>Linux: fs/stat.c: vfs_statx, cp_new_stat, cp_statx, v6.18.</remarks>
public sealed class StatCalls
{
    private const int StatBytes = 144;
    private const int StatxBytes = 256;
    private const ulong EmptyPath = 0x1000, NoFollow = 0x100;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public StatCalls(FileServices services) => this.services = services;

    // Linux: fs/stat.c: do_statx, vfs_statx, v6.18.
    private static bool Refuses(SyscallNr nr, uint flags, ulong mask)
    {
        const uint noAutomount = 0x800, syncType = 0x6000, reserved = 0x8000_0000;
        bool isReserved = nr == SyscallNr.Statx && ((mask & reserved) != 0 || (flags & syncType) == syncType);
        return isReserved || (flags & ~((uint)NoFollow | (uint)EmptyPath | noAutomount | syncType)) != 0;
    }

    /// <summary>Fills the caller's structure: EBADF, ENOENT, EFAULT, EINVAL.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        SyscallNr nr = call.Request.Nr;
        bool at = nr is SyscallNr.Newfstatat or SyscallNr.Statx;
        ulong flags = nr == SyscallNr.Newfstatat ? call.Request.A3 : at ? call.Request.A2 : 0;
        if (at && Refuses(nr, (uint)flags, call.Request.A3))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        bool ofDescriptor = nr == SyscallNr.Fstat
            || ((flags & EmptyPath) != 0 && string.IsNullOrEmpty(call.Operands?.Path));
        Inode? inode;
        if (ofDescriptor)
        {
            inode = call.Task.Files.Find((uint)call.Request.A0)?.Inode;
        }
        else
        {
            var paths = new WalkedPath(services);
            ulong directory = at ? call.Request.A0 : unchecked((ulong)PathWalk.WorkingDirectory);
            bool follow = nr != SyscallNr.Lstat && (flags & NoFollow) == 0;
            for (var steps = paths.Take(call, directory, at ? call.Request.A1 : call.Request.A0, call.Operands?.Path,
                follow); steps.MoveNext();)
                yield return steps.Current;
            if (paths.Found is not { } found)
                yield break;
            inode = found.Inode;
        }

        if (inode is null)
        {
            call.Fail(ofDescriptor ? Errno.EBADF : Errno.ENOENT);
            yield break;
        }

        ulong buffer = nr switch
        {
            SyscallNr.Statx => call.Request.A4,
            SyscallNr.Newfstatat => call.Request.A2,
            _ => call.Request.A1,
        };
        byte[] bytes = nr == SyscallNr.Statx ? Statx(inode) : Stat(inode);
        if (call.Operands is { } operands && (operands.BuffersUnknown || buffer == 0))
        {
            if (operands.WantsCopied)
                operands.Copied.AddRange(bytes);
            yield break;
        }

        for (var steps = services.Copy.CopyToUser(call, buffer, bytes); steps.MoveNext();)
            yield return steps.Current;
        if (call.Copied < (ulong)bytes.Length)
            call.Fail(Errno.EFAULT);
    }

    private static uint Mode(Inode inode) =>
        inode.Permissions is { } rights ? (Usual(inode) & ~0xfffu) | rights : Usual(inode);

    // Names of directories in it count for a directory too.
    private static ulong Links(Inode inode) => inode.Kind != InodeKind.Directory ? (ulong)inode.Links
        : 2 + (ulong)inode.Entries.Values.Count(static e => e.Kind == InodeKind.Directory);

    // Linux: fs/ext4/namei.c: ext4_init_new_dir (one block); fs/ext4/inline.c is for larger inodes; v6.18.
    internal static ulong Size(Inode inode) => inode.Kind switch
    {
        InodeKind.Directory when !inode.DeniesExec => 1UL << inode.PageShift,
        InodeKind.Symlink => (ulong)Encoding.UTF8.GetByteCount(inode.Target ?? ""),
        _ => inode.SizeBytes,
    };

    // In sectors of 512 bytes, of a dirty page too that has no block yet; the blocks of maps of blocks are not counted.
    private static ulong Blocks(Inode inode)
    {
        ulong pages = inode.Kind switch
        {
            InodeKind.Regular => inode.Blocks.Pages,
            InodeKind.Shmem => (ulong)inode.Mapping.Pages + (ulong)(inode.Mapping.Swapped?.Count ?? 0),
            InodeKind.Directory when !inode.DeniesExec => 1,
            _ => 0,
        };
        return pages << (inode.PageShift - 9);
    }

    private static uint Usual(Inode inode) => inode.Kind switch
    {
        InodeKind.Symlink => 0xa1ff,
        InodeKind.Fifo => 0x11a4,
        InodeKind.Regular => 0x81a4, // -rw-r--r--
        InodeKind.Shmem => inode.IsExecutable ? 0x81ffu : 0x81b6u,
        InodeKind.Directory => 0x41ed,
        InodeKind.Pipe => 0x1180,
        InodeKind.Generated => 0x8124,
        InodeKind.Anonymous => 0x0180,
        _ => 0x21b6,
    };

    private static byte[] Stat(Inode inode)
    {
        var bytes = new byte[StatBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), (ulong)inode.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Links(inode));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), Mode(inode));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), inode.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), inode.Gid);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), Size(inode));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(56), 1UL << inode.PageShift);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(64), Blocks(inode));
        return bytes;
    }

    private static byte[] Statx(Inode inode)
    {
        var bytes = new byte[StatxBytes];
        const uint basic = 0x7ff;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, basic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 1U << inode.PageShift);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), (uint)Links(inode));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), inode.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), inode.Gid);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(28), (ushort)Mode(inode));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), (ulong)inode.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), Size(inode));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(48), Blocks(inode));
        return bytes;
    }
}
