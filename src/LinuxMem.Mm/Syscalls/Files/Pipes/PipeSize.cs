using System.Numerics;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files.Pipes;

/// <summary>F_SETPIPE_SZ: how many pages a pipe may hold.</summary>
/// <remarks>Linux: fs/pipe.c: round_pipe_size, pipe_set_size, pipe_resize_ring, v6.18. How many pages all pipes of a
/// user may have is not limited, as for root.</remarks>
internal static class PipeSize
{
    // /proc/sys/fs/pipe-max-size as Linux starts with.
    private const uint BytesMax = 1 << 20;

    /// <summary>
    /// Sets it to a power of two: how many bytes that is. EINVAL for more than 2 GiB, EPERM for a pipe that grows
    /// beyond a MiB without CAP_SYS_RESOURCE, EBUSY where more pages are in it.
    /// </summary>
    internal static SyscallResult Set(TaskStruct caller, Pipe pipe, uint bytes, int pageShift)
    {
        const uint most = 1U << 31;
        if (bytes > most)
            return SyscallResult.Fail(Errno.EINVAL);
        uint size = BitOperations.RoundUpToPowerOf2(Math.Max(bytes, 1U << pageShift));
        int pages = (int)(size >> pageShift);
        if (pages > pipe.Capacity && size > BytesMax && !caller.Credentials.Has(Capabilities.SysResource))
            return SyscallResult.Fail(Errno.EPERM);
        if (pages < pipe.Buffers.Count)
            return SyscallResult.Fail(Errno.EBUSY);
        pipe.Capacity = pages;
        pipe.Changed();
        return new SyscallResult((long)pages << pageShift);
    }
}
