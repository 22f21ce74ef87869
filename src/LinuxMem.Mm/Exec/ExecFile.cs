using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Exec;

/// <summary>A file that execve reads: the program, a script, an interpreter.</summary>
/// <param name="Path">Its path with links resolved: what /proc/PID/maps shows.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Bytes">Fills a buffer from an offset on and says how many bytes it gave.</param>
public sealed record ExecFile(string Path, ulong SizeBytes, Func<ulong, Memory<byte>, int> Bytes)
{
    /// <summary>What the world outside tells of it.</summary>
    public required ExternalFile Source { get; init; }

    /// <summary>Its inode; of one that was never opened or mapped, a new one.</summary>
    public Inode InodeIn(FileSystem files) => files.Objects.Find(Path) ?? files.AddExternal(Path, Source);

    /// <summary>
    /// Opens a file for execution. ENOENT where there is none; EACCES for what is no regular file or has no x bit.
    /// </summary>
    /// <remarks>Linux: fs/exec.c: do_open_execat, v6.18.</remarks>
    public static Errno Open(string path, SyscallOperands operands, bool isProgram, out ExecFile? file)
    {
        file = null;
        ExternalFile? found = isProgram && operands.External is { } program
            ? program : operands.FindExternal?.Invoke(path);
        // Of another program's file an empty path is the current directory, as for every path the kernel itself opens.
        if (path.Length == 0)
            return isProgram ? Errno.ENOENT : Errno.EACCES;
        if (found is null)
            return Errno.ENOENT;
        if (found.Kind != ExternalKind.Regular || !found.MayExecute)
            return Errno.EACCES;
        file = new ExecFile(found.RealPath ?? path, found.SizeBytes, found.Bytes ?? NoBytes) { Source = found };
        return Errno.None;
    }

    /// <summary>Reads a range into a buffer. False if the file ends before.</summary>
    /// <remarks>Linux: fs/binfmt_elf.c: elf_read, v6.18.</remarks>
    public bool Read(ulong offset, Memory<byte> into)
    {
        if (offset > SizeBytes || (ulong)into.Length > SizeBytes - offset)
            return false;
        return ReadSome(offset, into) == into.Length;
    }

    /// <summary>Reads as much of a range as there is, and says how much.</summary>
    public int ReadSome(ulong offset, Memory<byte> into)
    {
        int done = 0;
        while (done < into.Length && offset + (ulong)done < SizeBytes)
        {
            int given = Bytes(offset + (ulong)done, into[done..]);
            if (given <= 0)
                break;
            done += given;
        }

        return done;
    }

    // Contents that are not known are holes.
    private static int NoBytes(ulong offset, Memory<byte> into)
    {
        into.Span.Clear();
        return into.Length;
    }
}
