using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mremap(old_address, old_length, new_length, flags, new_address).</summary>
/// <remarks>
/// Linux: mm/mremap.c: do_mremap, check_mremap_params, remap_move, check_prep_vma, mremap_to, mremap_at, move_vma,
/// v6.18, in the order of its checks.
/// </remarks>
public sealed class Mremap
{
    private const MremapFlags NewPlace = MremapFlags.Fixed | MremapFlags.DontUnmap;
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly PageMover mover;
    private readonly UnmappedArea area;
    private readonly SpaceLimits limits;
    private readonly UnmapRegion unmap;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Mremap(
        KernelMemory memory, PageMapper mapper, SpaceLimits limits, UnmapRegion unmap, IMmObserver observer)
    {
        this.limits = limits;
        this.memory = memory;
        geometry = memory.Geometry;
        mover = new PageMover(memory, mapper);
        area = new UnmappedArea(memory);
        this.unmap = unmap;
        this.observer = observer;
    }

    /// <summary>
    /// Resizes or moves a mapping; the result is its address. EINVAL: bad arguments; EFAULT: the old range is not
    /// mapped, or not by one mapping; ENOMEM: no room, a limit, or memory is out; EAGAIN: RLIMIT_MEMLOCK; EPERM: it is
    /// sealed. <paramref name="populate"/> is what a locked mapping gained.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        var remap = new Remap
        {
            Call = call,
            Address = call.Request.A0,
            OldLength = Pages(call.Request.A1),
            NewLength = Pages(call.Request.A2),
            Flags = (MremapFlags)call.Request.A3,
            NewAddress = call.Request.A4,
        };
        populate = default;
        Errno error = CheckArguments(remap);
        if (error == Errno.None && (remap.Flags & MremapFlags.Fixed) != 0 && remap.OldLength == remap.NewLength)
            return MoveAll(remap, ref cost);
        if (error == Errno.None)
            error = Execute(ref remap, ref cost);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        if (remap.Locked && remap.NewLength > remap.OldLength)
            populate = new PopulateRange(remap.NewAddress + remap.OldLength, remap.NewAddress + remap.NewLength);
        return new SyscallResult((long)remap.NewAddress);
    }

    private ulong Pages(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;

    private Errno CheckArguments(in Remap remap)
    {
        const MremapFlags known = MremapFlags.MayMove | NewPlace;
        ulong mask = geometry.PageOffsetMask;
        if ((remap.Flags & ~known) != 0 || (remap.Address & mask) != 0)
            return Errno.EINVAL;
        if (remap.NewLength == 0 || remap.NewLength > geometry.TaskSize)
            return Errno.EINVAL;
        if ((remap.Flags & NewPlace) == 0)
            return Errno.None;
        if (remap.NewAddress > geometry.TaskSize - remap.NewLength || (remap.NewAddress & mask) != 0)
            return Errno.EINVAL;
        if ((remap.Flags & MremapFlags.MayMove) == 0)
            return Errno.EINVAL;
        if ((remap.Flags & MremapFlags.DontUnmap) != 0 && remap.OldLength != remap.NewLength)
            return Errno.EINVAL;
        if (remap.Address + remap.OldLength > remap.NewAddress && remap.NewAddress + remap.NewLength > remap.Address)
            return Errno.EINVAL;
        return remap.Mm.Vmas.Tree.Count + 2 >= memory.Tunables.MaxMapCount - 3 ? Errno.ENOMEM : Errno.None;
    }

    // A move without a new size may take several mappings along, and the holes between them.
    private SyscallResult MoveAll(Remap whole, ref WorkCost cost)
    {
        ulong end = whole.Address + whole.OldLength;
        ulong at = whole.Address;
        while (at < end)
        {
            Vma? vma = whole.Mm.Vmas.Tree.Find(at);
            if (vma is null || vma.Start >= end)
                break;
            if (at == whole.Address && vma.Start > at)
                return SyscallResult.Fail(Errno.EFAULT);
            if ((at != whole.Address || vma.End < end) && !MayMoveAmongOthers(vma))
                return SyscallResult.Fail(Errno.EFAULT);
            ulong from = Math.Max(vma.Start, at);
            ulong length = Math.Min(vma.End, end) - from;
            Remap part = whole with
            {
                Address = from,
                NewAddress = whole.NewAddress + (from - whole.Address),
                OldLength = length,
                NewLength = length,
            };
            Errno error = Execute(ref part, ref cost);
            if (error != Errno.None)
                return SyscallResult.Fail(error);
            at = from + length;
        }

        return at == whole.Address ? SyscallResult.Fail(Errno.EFAULT) : new SyscallResult((long)whole.NewAddress);
    }

    // Not where userfaultfd has to be told, nor what finds its place by itself, as segments of System V do
    // (vma_multi_allowed).
    private static bool MayMoveAmongOthers(Vma vma) =>
        (vma.Flags & UserfaultRanges.Mask) == 0 && vma.File is not { Inode.Segment: not null };

    private Errno Execute(ref Remap remap, ref WorkCost cost)
    {
        Vma? vma = remap.Mm.Vmas.Tree.FindContaining(remap.Address);
        if (vma is null)
            return Errno.EFAULT;
        if ((remap.Flags & NewPlace) == 0)
            remap.NewAddress = remap.Address;
        if ((vma.Flags & VmFlags.Sealed) != 0)
            return Errno.EPERM;
        if ((vma.Flags & VmFlags.HugeTlb) != 0 && !AlignHuge(ref remap, vma))
            return Errno.EINVAL;
        Errno error = CheckMapping(remap, vma);
        if (error != Errno.None)
            return error;
        remap.Locked = (vma.Flags & VmFlags.Locked) != 0;
        if ((remap.Flags & NewPlace) != 0)
            return MoveTo(ref remap, ref cost);
        if (remap.OldLength > remap.NewLength)
            return Shrink(ref remap, ref cost);
        return remap.OldLength == remap.NewLength ? Errno.None : Grow(ref remap, vma, ref cost);
    }

    // Whole huge pages, and never more of them. Linux: mm/mremap.c: align_hugetlb, v6.18.
    private static bool AlignHuge(ref Remap remap, Vma vma)
    {
        ulong mask = HugeMemory.BytesOf(vma) - 1;
        remap.OldLength = (remap.OldLength + mask) & ~mask;
        remap.NewLength = (remap.NewLength + mask) & ~mask;
        return ((remap.Address | remap.NewAddress) & mask) == 0 && remap.NewLength <= remap.OldLength;
    }

    private Errno CheckMapping(in Remap remap, Vma vma)
    {
        if (remap.NewLength <= remap.OldLength && (remap.Flags & NewPlace) == 0)
            return Errno.None;
        bool shared = (vma.Flags & (VmFlags.Shared | VmFlags.MayShare)) != 0;
        bool rigid = (vma.Flags & (VmFlags.DontExpand | VmFlags.PfnMap)) != 0;
        if (remap.OldLength == 0 && !shared)
            return Errno.EINVAL;
        if ((remap.Flags & MremapFlags.DontUnmap) != 0 && rigid)
            return Errno.EINVAL;
        // What a shrinking mapping gives up may be part of others.
        if (Math.Min(remap.OldLength, remap.NewLength) > vma.End - remap.Address)
            return Errno.EFAULT;
        if (remap.NewLength <= remap.OldLength)
            return Errno.None;
        if (unchecked(vma.PageIndexOf(remap.Address) + (remap.NewLength >> geometry.PageShift))
            < vma.PageIndexOf(remap.Address))
            return Errno.EINVAL;
        if (rigid)
            return Errno.EFAULT;
        ulong growth = remap.NewLength - remap.OldLength;
        if (!limits.MayLock(remap.Mm, remap.Call.Task, vma.Flags, growth))
            return Errno.EAGAIN;
        return MayExpand(remap, vma.Flags, growth) ? Errno.None : Errno.ENOMEM;
    }

    private bool MayExpand(in Remap remap, VmFlags flags, ulong bytes) =>
        limits.MayExpand(remap.Mm, remap.Call.Task.Group.Limits, flags, bytes >> geometry.PageShift);

    // What a move charges: the growth, or all of it where the old place stays (vrm_calc_charge).
    private bool MayCommit(in Remap remap, Vma vma)
    {
        if ((vma.Flags & VmFlags.Account) == 0)
            return true;
        ulong bytes = (remap.Flags & MremapFlags.DontUnmap) != 0
            ? remap.OldLength : remap.NewLength - remap.OldLength;
        return limits.MayCommit(remap.Mm, remap.Call.Task, bytes >> geometry.PageShift);
    }

    private Errno FindPlace(ref Remap remap, Vma vma, ulong hint, MapFlags flags)
    {
        AreaKind kind = vma.Mapping switch
        {
            null => AreaKind.Anonymous,
            { IsShmem: false } => AreaKind.File,
            _ => AreaKind.Plain,
        };
        ulong index = kind == AreaKind.Anonymous ? 0 : vma.PageIndexOf(remap.Address);
        ulong align = (vma.Flags & VmFlags.HugeTlb) != 0 ? HugeMemory.BytesOf(vma) : 0;
        var request = new AreaRequest(hint, remap.NewLength, index, kind, flags, align);
        Errno error = area.Find(remap.Mm, remap.Call.Task, request, out ulong place);
        if (error == Errno.None)
            remap.NewAddress = place;
        return error;
    }

    private Errno Shrink(ref Remap remap, ref WorkCost cost)
    {
        ulong start = remap.Address + remap.NewLength;
        ulong length = remap.OldLength - remap.NewLength;
        if (start > geometry.TaskSize || length > geometry.TaskSize - start)
            return Errno.EINVAL;
        Errno error = unmap.Unmap(remap.Mm, start, start + length, remap.Call.At, ref cost);
        if (error != Errno.None)
            return error;
        observer.Unmapped(remap.Mm, start, start + length);
        remap.OldLength = remap.NewLength;
        return Errno.None;
    }

    private Errno Grow(ref Remap remap, Vma vma, ref WorkCost cost)
    {
        ulong newEnd = remap.Address + remap.NewLength;
        bool atEnd = remap.Address + remap.OldLength == vma.End;
        if (atEnd && newEnd <= geometry.TaskSize && (vma.NextVma is null || vma.NextVma.Start >= newEnd))
        {
            if (!MayCommit(remap, vma))
                return Errno.ENOMEM;
            ulong oldEnd = vma.End;
            if (remap.Mm.Vmas.ExtendUp(vma, newEnd) is null)
                return Errno.ENOMEM;
            cost.Vmas++;
            Announce(remap.Mm, vma, oldEnd, newEnd);
            return Errno.None;
        }

        if ((remap.Flags & MremapFlags.MayMove) == 0)
            return Errno.ENOMEM;
        Errno error = FindPlace(ref remap, vma, 0, MapFlags.None);
        return error == Errno.None ? Move(remap, vma, ref cost) : error;
    }

    private Errno MoveTo(ref Remap remap, ref WorkCost cost)
    {
        if ((remap.Flags & MremapFlags.Fixed) != 0)
        {
            ulong end = remap.NewAddress + remap.NewLength;
            Errno error = unmap.Unmap(remap.Mm, remap.NewAddress, end, remap.Call.At, ref cost);
            if (error != Errno.None && memory.Mutant != Mutant.M25C)
                return error;
            observer.Unmapped(remap.Mm, remap.NewAddress, end);
            // It may have been its own place.
            if (remap.Mm.Vmas.Tree.FindContaining(remap.Address) is null)
                return Errno.EFAULT;
        }

        if (remap.OldLength > remap.NewLength)
        {
            Errno error = Shrink(ref remap, ref cost);
            if (error != Errno.None)
                return error;
        }

        Vma? vma = remap.Mm.Vmas.Tree.FindContaining(remap.Address);
        if (vma is null)
            return Errno.EFAULT;
        bool keepsOld = (remap.Flags & MremapFlags.DontUnmap) != 0;
        if (keepsOld && !MayExpand(remap, vma.Flags, remap.OldLength))
            return Errno.ENOMEM;
        MapFlags how = (remap.Flags & MremapFlags.Fixed) != 0 ? MapFlags.Fixed : MapFlags.None;
        Errno placed = FindPlace(ref remap, vma, remap.NewAddress, how);
        return placed == Errno.None ? Move(remap, vma, ref cost) : placed;
    }

    private Errno Move(in Remap remap, Vma vma, ref WorkCost cost)
    {
        Mm mm = remap.Mm;
        ulong oldEnd = remap.Address + remap.OldLength;
        if (mm.Vmas.Tree.Count >= memory.Tunables.MaxMapCount - 3)
            return Errno.ENOMEM;
        bool mayCut = vma.MaySplit && (vma.Flags & VmFlags.HugeTlb) == 0 || (vma.MaySplitAt(remap.Address)
            && vma.MaySplitAt(oldEnd));
        if (!mayCut && (vma.Start != remap.Address || vma.End != oldEnd))
            return Errno.EINVAL;
        if (!MayCommit(remap, vma))
            return Errno.ENOMEM;
        ulong newEnd = remap.NewAddress + remap.NewLength;
        // For a moment both places count; VmPeak is not to show it.
        ulong peak = mm.Vmas.PeakVmPages;
        if (mm.Vmas.CopyTo(vma, remap.Address, remap.NewAddress, newEnd) is not { } copy)
            return Errno.ENOMEM;
        cost.Vmas++;
        if (!mover.Move(mm, remap.Address, remap.NewAddress, remap.OldLength, remap.Call.At, ref cost))
        {
            Errno undone = unmap.Unmap(mm, remap.NewAddress, newEnd, remap.Call.At, ref cost, wasMoved: true);
            mm.Vmas.PeakVmPages = peak;
            // What cannot be cut out of the mapping that it became part of stays, empty.
            if (undone != Errno.None)
                Announce(mm, mm.Vmas.Tree.FindContaining(remap.NewAddress)!, remap.NewAddress, newEnd);
            return Errno.ENOMEM;
        }

        observer.Moved(mm, remap.Address, remap.NewAddress, remap.OldLength);
        HugeMemory.Move(mm, remap.Address, remap.NewAddress, remap.OldLength);
        if (remap.NewLength > remap.OldLength)
            Announce(mm, copy, remap.NewAddress + remap.OldLength, newEnd);
        if (remap.OldLength == 0)
            return Errno.None;
        if ((remap.Flags & MremapFlags.DontUnmap) != 0)
        {
            KeepEmpty(mm, copy, remap.Address, oldEnd);
            return Errno.None;
        }

        Errno error = unmap.Unmap(mm, remap.Address, oldEnd, remap.Call.At, ref cost, wasMoved: true);
        mm.Vmas.PeakVmPages = peak;
        // Where the rest cannot be split off the old place stays mapped, and counted (unmap_source_vma).
        if (error != Errno.None)
            Announce(mm, mm.Vmas.Tree.FindContaining(remap.Address)!, remap.Address, oldEnd);
        return Errno.None;
    }

    // All of its anonymous pages have gone, so the old mapping needs its anon_vma no more (dontunmap_complete).
    private void KeepEmpty(Mm mm, Vma copy, ulong start, ulong end)
    {
        Vma old = mm.Vmas.Tree.FindContaining(start)!;
        if (old != copy && old.Start == start && old.End == end)
            mm.Vmas.LeaveEmpty(old);
        else if ((old.Flags & VmFlags.LockedMask) != 0)
            mm.Vmas.ModifyFlags(old, start, end, old.Flags & ~VmFlags.LockedMask, out old);
        Announce(mm, old, start, end);
    }

    private void Announce(Mm mm, Vma vma, ulong start, ulong end)
    {
        AddressSpace? mapping = vma.Mapping;
        observer.Mapped(mm, start, end, mapping, (vma.Flags & VmFlags.Shared) != 0, vma.PageIndexOf(start));
        observer.MappedDroppable(mm, vma, start, end);
    }

    private record struct Remap
    {
        public SyscallContext Call;
        public ulong Address;
        public ulong OldLength;
        public ulong NewLength;
        public MremapFlags Flags;
        public ulong NewAddress;
        public bool Locked;

        public readonly Mm Mm => Call.Mm;
    }
}
