using LinuxMem.Abi;

namespace LinuxMem.Mm.Proc.Files;

/// <summary>An open file of /proc or /sys: what reads of its file descriptor go to.</summary>
public abstract class ProcFile
{
    /// <summary>Reads at a position of the file.</summary>
    /// <param name="position">The file position, in bytes.</param>
    /// <param name="to">Where the bytes go; its length is what the caller asked for.</param>
    /// <param name="error">None; ESRCH if what the file is about is no more; EINVAL for a reading that the file does
    /// not allow.</param>
    /// <returns>Bytes read; 0 at the end, and with an error.</returns>
    public abstract int Read(long position, Span<byte> to, out Errno error);
}
