using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>brk(address): returns the new end of the heap, or the old one where it cannot be moved.</summary>
/// <remarks>Linux: mm/mmap.c: brk, check_brk_limits; mm/vma.c: do_brk_flags, v6.18.</remarks>
public sealed class Brk
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly SpaceLimits limits;
    private readonly UnmapRegion unmap;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Brk(KernelMemory memory, SpaceLimits limits, UnmapRegion unmap, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        this.limits = limits;
        this.unmap = unmap;
        this.observer = observer;
    }

    /// <summary>
    /// Moves the end of the heap; <paramref name="populate"/> is what a heap that is locked (MCL_FUTURE) gained.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        Mm mm = call.Mm;
        ulong wanted = call.Request.A0;
        populate = default;
        if (wanted < mm.StartBrk || PassesDataLimit(call, wanted))
            return new SyscallResult((long)mm.Brk);
        ulong oldEnd = (mm.Brk + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        ulong newEnd = (wanted + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        bool grows = wanted > mm.Brk;
        bool moved = oldEnd == newEnd
            || (grows ? Grow(call, oldEnd, newEnd, ref cost) : Shrink(call, newEnd, oldEnd, ref cost));
        if (!moved)
            return new SyscallResult((long)mm.Brk);
        if (grows && (mm.DefFlags & VmFlags.Locked) != 0)
            populate = new PopulateRange(oldEnd, newEnd);
        mm.Brk = wanted;
        return new SyscallResult((long)wanted);
    }

    private static bool PassesDataLimit(in SyscallContext call, ulong wanted)
    {
        Mm mm = call.Mm;
        ulong limit = call.Task.Group.Limits.DataBytes;
        return limit != ulong.MaxValue && wanted - mm.StartBrk + (mm.Bounds.EndData - mm.Bounds.StartData) > limit;
    }

    private bool Shrink(in SyscallContext call, ulong newEnd, ulong oldEnd, ref WorkCost cost)
    {
        if (call.Mm.Vmas.Tree.FindIntersection(newEnd, oldEnd) is null)
            return false;
        bool misses = memory.Mutant == Mutant.M84 && oldEnd - newEnd > geometry.PageBytes;
        ulong last = misses ? oldEnd - geometry.PageBytes : oldEnd;
        if (unmap.Unmap(call.Mm, newEnd, last, call.At, ref cost) != Errno.None)
            return false;
        observer.Unmapped(call.Mm, newEnd, oldEnd);
        return true;
    }

    private bool Grow(in SyscallContext call, ulong oldEnd, ulong newEnd, ref WorkCost cost)
    {
        Mm mm = call.Mm;
        ulong length = newEnd - oldEnd;
        if (newEnd < oldEnd || newEnd > geometry.TaskSize)
            return false;
        VmFlags flags = VmFlagsOf.Data | mm.DefFlags | (mm.MergesAll ? VmFlags.Mergeable : VmFlags.None);
        if (!limits.MayLock(mm, call.Task, flags, length)
            || (!LeavesGap(mm, oldEnd, newEnd) && memory.Mutant != Mutant.M25A))
            return false;
        ulong pages = length >> geometry.PageShift;
        if (!limits.MayExpand(mm, call.Task.Group.Limits, flags, pages))
            return false;
        if (mm.Vmas.Tree.Count > memory.Settings.Vm.MaxMapCount || !limits.MayCommit(mm, call.Task, pages))
            return false;
        if (mm.Vmas.MapBrk(oldEnd, newEnd, flags, mm.StartBrk) is null)
            return false;
        cost.Vmas++;
        observer.Mapped(mm, oldEnd, newEnd, null, false, oldEnd >> geometry.PageShift);
        return true;
    }

    // A page, and below a stack its guard, must stay free above the heap.
    private bool LeavesGap(Mm mm, ulong oldEnd, ulong newEnd)
    {
        Vma? above = mm.Vmas.Tree.Find(oldEnd);
        if (above is null)
            return true;
        ulong guard = (ulong)memory.Settings.Vm.StackGuardGapPages << geometry.PageShift;
        ulong gap = (above.Flags & VmFlags.GrowsDown) != 0 ? guard : 0;
        return above.Start >= newEnd && above.Start - newEnd >= gap + geometry.PageBytes;
    }
}
