using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>RLIMIT_FSIZE: how long a task may make a file.</summary>
/// <remarks>Linux: mm/filemap.c, fs/read_write.c: generic_write_check_limits; fs/attr.c: inode_newsize_ok, v6.18.
/// </remarks>
public static class FileSizeLimit
{
    /// <summary>Whether a file may become that long; if not, the caller gets SIGXFSZ beside its EFBIG.</summary>
    public static bool Allows(CallProgress call, ulong bytes)
    {
        if (bytes <= Of(call))
            return true;
        call.Raises = Signal.SigXfsz;
        return false;
    }

    /// <summary>The limit in bytes.</summary>
    public static ulong Of(CallProgress call) => call.Task.Group.Limits.Soft(Rlimit.FileSize);
}
