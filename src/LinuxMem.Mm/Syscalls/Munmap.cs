using LinuxMem.Abi;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Mm.Syscalls;

/// <summary>munmap(addr, length).</summary>
/// <remarks>Linux: mm/vma.c: do_vmi_munmap, v6.18.</remarks>
public sealed class Munmap
{
    private readonly PagingGeometry geometry;
    private readonly UnmapRegion unmap;

    /// <summary>Over one machine's memory.</summary>
    public Munmap(PagingGeometry geometry, UnmapRegion unmap)
    {
        this.geometry = geometry;
        this.unmap = unmap;
    }

    /// <summary>
    /// Unmaps every page that the range touches; holes are fine. EINVAL: start not page-aligned, length 0, range beyond
    /// the user's part; ENOMEM: too many mappings;
    /// EPERM: one is sealed.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, ref WorkCost cost)
    {
        ulong start = call.Request.A0;
        ulong length = call.Request.A1;
        if ((start & geometry.PageOffsetMask) != 0 || start > geometry.TaskSize || length > geometry.TaskSize - start)
            return SyscallResult.Fail(Errno.EINVAL);
        ulong end = start + ((length + geometry.PageOffsetMask) & ~geometry.PageOffsetMask);
        if (end == start)
            return SyscallResult.Fail(Errno.EINVAL);
        Errno error = unmap.Unmap(call.Mm, start, end, call.At, ref cost);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }
}
