using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>
/// Reads files for calls that move bytes without the caller's memory: splice, sendfile, copy_file_range.
/// </summary>
/// <remarks>
/// Linux: fs/splice.c: do_splice_read, copy_splice_read; mm/filemap.c: filemap_splice_read; mm/shmem.c:
/// shmem_file_splice_read, v6.18.
/// </remarks>
internal sealed class SpliceSource(FileServices services)
{
    private readonly FileReader reader = new(services);

    /// <summary>Bytes that the last read gave.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether a file is read this way at all; else the calls are EINVAL.</summary>
    internal static bool Reads(OpenFile file) => file.Inode.Kind switch
    {
        InodeKind.Regular or InodeKind.Shmem => file.Inode is { Huge: null, IsSecret: false },
        InodeKind.Generated => IsText(file.Path),
        InodeKind.Stream => file.Path != "/dev/null",
        InodeKind.DevZero => true,
        _ => false,
    };

    // Linux: fs/proc/inode.c: proc_iter_file_ops; fs/proc/base.c: the files of a process have no splice_read, nor has
    // that of mm/swapfile.c, v6.18.
    private static bool IsText(string path)
    {
        string[] parts = path.Split('/');
        bool isOfProcess = parts[1] == "proc"
            && (parts[2] is "self" or "thread-self" || char.IsAsciiDigit(parts[2].FirstOrDefault()));
        return !isOfProcess && path != "/proc/swaps";
    }

    /// <summary>
    /// Reads bytes at a position; the call's ReadError tells what ended it early. Precondition: the file is read this
    /// way.
    /// </summary>
    internal IEnumerator<PageLookup> Read(CallProgress call, OpenFile from, ulong position, Memory<byte> to)
    {
        switch (from.Inode.Kind)
        {
            case InodeKind.DevZero:
                to.Span.Clear();
                Count = to.Length;
                break;
            case InodeKind.Generated:
                Count = from.Generated!.Read((long)position, to.Span, out Errno error);
                call.ReadError = error;
                break;
            case InodeKind.Stream:
                ReadOnlyMemory<byte> incoming = call.Operands?.Incoming ?? default;
                Count = Math.Min(to.Length, incoming.Length);
                incoming[..Count].CopyTo(to);
                break;
            default:
                var buffer = UserBuffer.OfKernel(to);
                for (var steps = reader.Read(call, from, position, buffer); steps.MoveNext();)
                    yield return steps.Current;
                Count = (int)buffer.Passed;
                break;
        }
    }
}
