using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>What reads and writes of preadv2 and pwritev2 are refused for their flags or their place.</summary>
/// <remarks>Linux: include/linux/fs.h: kiocb_set_rw_flags; fs/read_write.c: rw_verify_area, v6.18.</remarks>
internal static class RwFlags
{
    private const uint NoWait = 8, Append = 0x10, NoAppend = 0x20, Atomic = 0x40, DontCache = 0x80, Known = 0x1ff;

    /// <summary>Whether a write goes to the end of its file, wherever it is asked for (RWF_APPEND).</summary>
    internal static bool Appends(CallProgress call) =>
        call.Request.Nr == SyscallNr.Pwritev2 && ((uint)call.Request.A5 & Append) != 0;

    /// <summary>
    /// EINVAL: flags that contradict each other, or an end beyond what numbers can say; EOPNOTSUPP: flags that the file
    /// does not know. What moves nothing is not looked at.
    /// </summary>
    internal static Errno Check(CallProgress call, OpenFile file, IReadOnlyList<IoVec> vectors, ulong? position,
        bool writes)
    {
        ulong bytes = 0;
        foreach (IoVec vector in vectors)
            bytes = Math.Min(bytes + vector.Length, IoVectors.BytesMax);
        if (bytes == 0)
            return Errno.None;
        if (position is { } place && (long)(place + bytes) < 0)
            return Errno.EINVAL;
        bool hasFlags = call.Request.Nr is SyscallNr.Preadv2 or SyscallNr.Pwritev2;
        uint flags = hasFlags ? (uint)call.Request.A5 : 0;
        if ((flags & ~Known) != 0)
            return Errno.EOPNOTSUPP;
        if ((flags & (Append | NoAppend)) == (Append | NoAppend))
            return Errno.EINVAL;
        bool isOnDisk = file.Inode.Kind == InodeKind.Regular;
        bool waitsNot = file.Inode.Pipe is not null || (isOnDisk && !writes);
        bool refused = (flags & Atomic) != 0 || ((flags & NoWait) != 0 && !waitsNot)
            || ((flags & DontCache) != 0 && !isOnDisk);
        return refused ? Errno.EOPNOTSUPP : Errno.None;
    }
}
