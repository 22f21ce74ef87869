using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>brk(address): returns the new end of the heap, or the old one where it cannot be moved.</summary>
/// <remarks>Linux: mm/mmap.c: brk; mm/vma.c: do_brk_flags, v6.18.</remarks>
public sealed class Brk
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly UnmapRegion unmap;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Brk(KernelMemory memory, UnmapRegion unmap, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        this.unmap = unmap;
        this.observer = observer;
    }

    /// <summary>Moves the end of the heap.</summary>
    public SyscallResult Invoke(in SyscallContext call, ref WorkCost cost)
    {
        Mm mm = call.Mm;
        ulong wanted = call.Request.A0;
        ulong kept = mm.Brk;
        if (wanted < mm.StartBrk || wanted - mm.StartBrk > mm.Limits.DataBytes || wanted > geometry.TaskSize)
            return new SyscallResult((long)kept);
        ulong oldEnd = (kept + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        ulong newEnd = (wanted + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        bool moved = oldEnd == newEnd
            || (newEnd < oldEnd ? Shrink(call, newEnd, oldEnd, ref cost) : Grow(mm, oldEnd, newEnd, ref cost));
        if (moved)
            mm.Brk = wanted;
        return new SyscallResult((long)mm.Brk);
    }

    private bool Shrink(in SyscallContext call, ulong newEnd, ulong oldEnd, ref WorkCost cost)
    {
        if (call.Mm.Vmas.Tree.FindIntersection(newEnd, oldEnd) is null)
            return false;
        if (unmap.Unmap(call.Mm, newEnd, oldEnd, call.At, ref cost) != Errno.None)
            return false;
        observer.Unmapped(call.Mm, newEnd, oldEnd);
        return true;
    }

    private bool Grow(Mm mm, ulong oldEnd, ulong newEnd, ref WorkCost cost)
    {
        ulong guard = (ulong)memory.Settings.Vm.StackGuardGapPages << geometry.PageShift;
        Vma? above = mm.Vmas.Tree.Find(oldEnd);
        if (above is not null)
        {
            ulong gap = (above.Flags & VmFlags.GrowsDown) != 0 ? guard : 0;
            if (above.Start < newEnd || above.Start - newEnd < gap + geometry.PageBytes)
                return false;
        }

        ulong pages = (newEnd - oldEnd) >> geometry.PageShift;
        bool overLimit = mm.Vmas.TotalVmPages + pages > mm.Limits.AddressSpaceBytes >> geometry.PageShift
            || mm.Vmas.DataVmPages + pages > mm.Limits.DataBytes >> geometry.PageShift
            || mm.Vmas.Tree.Count > memory.Settings.Vm.MaxMapCount;
        if (overLimit)
            return false;
        mm.Vmas.MapBrk(oldEnd, newEnd, VmFlagsOf.Data, mm.StartBrk);
        cost.Vmas++;
        observer.Mapped(mm, oldEnd, newEnd, null, false, oldEnd >> geometry.PageShift);
        return true;
    }
}
