using LinuxMem.Abi;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>How much of a write a file may take: its file system's limit, and the task's.</summary>
/// <remarks>Linux: fs/read_write.c: generic_write_checks, generic_write_check_limits, v6.18.</remarks>
internal static class WriteLimits
{
    /// <summary>
    /// Cuts a write to what is allowed at a position; EFBIG (and SIGXFSZ) where not even one byte is.
    /// </summary>
    internal static Errno Check(CallProgress call, OpenFile file, ulong at, UserBuffer buffer)
    {
        ulong most = file.Inode.Kind == InodeKind.Regular ? MappedFile.MaxBytes : long.MaxValue;
        if (at >= most || !FileSizeLimit.Allows(call, at + 1))
            return Errno.EFBIG;
        buffer.Limit(Math.Min(most, FileSizeLimit.Of(call)) - at);
        return Errno.None;
    }
}
