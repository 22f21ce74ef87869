using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Exec;

/// <summary>Whether the limits of a process allow it more memory.</summary>
/// <remarks>Linux: mm/mmap.c: may_expand_vm, v6.18; the number of VMAs besides.</remarks>
public sealed class VmaLimits
{
    private readonly PagingGeometry geometry;
    private readonly int maxMapCount;

    /// <summary>Of one machine.</summary>
    public VmaLimits(KernelMemory memory)
    {
        geometry = memory.Geometry;
        maxMapCount = memory.Settings.Vm.MaxMapCount;
    }

    /// <summary>Whether a mapping of that many bytes and those flags may be added.</summary>
    public bool Allow(Mm mm, ulong bytes, VmFlags flags)
    {
        ulong pages = bytes >> geometry.PageShift;
        if (mm.Vmas.Tree.Count > maxMapCount
            || mm.Vmas.TotalVmPages + pages > mm.Limits.AddressSpaceBytes >> geometry.PageShift)
            return false;
        const VmFlags data = VmFlags.Write | VmFlags.Shared | VmFlags.GrowsDown;
        return (flags & data) != VmFlags.Write
            || mm.Vmas.DataVmPages + pages <= mm.Limits.DataBytes >> geometry.PageShift;
    }
}
