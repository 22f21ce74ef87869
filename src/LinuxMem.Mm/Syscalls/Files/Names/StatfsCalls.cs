using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>statfs, fstatfs: what kind of file system a file lies on, and how large that is.</summary>
/// <remarks>Linux: fs/statfs.c: user_statfs, fd_statfs; mm/shmem.c: shmem_statfs, v6.18. What is free is not counted.
/// </remarks>
public sealed class StatfsCalls
{
    private const int StructBytes = 120;
    private const ulong Ext4 = 0xef53, Tmpfs = 0x01021994, Proc = 0x9fa0, Sysfs = 0x62656572, Pipefs = 0x50495045;
    private readonly FileServices services;
    private readonly BufferedCopy copy;

    /// <summary>With the machine's services.</summary>
    public StatfsCalls(FileServices services)
    {
        this.services = services;
        copy = new BufferedCopy(services);
    }

    /// <summary>Fills the caller's structure: EBADF, EFAULT and whatever stops a path.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        var target = new FileTarget(services)
        {
            OfDescriptor = call.Request.Nr == SyscallNr.Fstatfs,
            TakesPaths = true,
        };
        for (var steps = target.Take(call, at: false, call.Request.A0, 0); steps.MoveNext();)
            yield return steps.Current;
        if (target.Inode is not { } inode)
            yield break;
        for (var steps = copy.Out(call, call.Request.A1, Fill(inode, target.Path)); steps.MoveNext();)
            yield return steps.Current;
    }

    private byte[] Fill(Inode inode, string path)
    {
        const ulong nameMost = 255;
        ulong kind = inode.Kind switch
        {
            InodeKind.Shmem => Tmpfs,
            InodeKind.Pipe => Pipefs,
            _ when path.StartsWith("/proc", StringComparison.Ordinal) => Proc,
            _ when path.StartsWith("/sys", StringComparison.Ordinal) => Sysfs,
            _ => Ext4,
        };
        ulong page = 1UL << inode.PageShift;
        // Half of memory is what a tmpfs may have unless it is mounted otherwise.
        ulong blocks = kind == Tmpfs && path.StartsWith('/') && !path.StartsWith("/memfd:", StringComparison.Ordinal)
            ? (ulong)services.Memory.Allocator.ManagedPages / 2
            : kind == Ext4 ? services.Names.Objects.Disk?.Blocks ?? 0 : 0;
        var bytes = new byte[StructBytes];
        ulong[] words = [kind, page, blocks, blocks, blocks, 0, 0, 0, nameMost, page];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), words[i]);
        return bytes;
    }
}
