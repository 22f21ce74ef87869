using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mmap(addr, length, prot, flags, fd, offset).</summary>
/// <remarks>
/// Linux: mm/mmap.c: ksys_mmap_pgoff, do_mmap; mm/vma.c: mmap_region, v6.18, in the order of its checks. A trace
/// without descriptors names the file by its path (<see cref="SyscallRequest.File"/>), as if it were open for
/// everything.
/// </remarks>
public sealed class Mmap
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly UnmappedArea area;
    private readonly SpaceLimits limits;
    private readonly UnmapRegion unmap;
    private readonly FileSystem files;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Mmap(KernelMemory memory, SpaceLimits limits, UnmapRegion unmap, FileSystem files, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        area = new UnmappedArea(memory);
        this.limits = limits;
        this.unmap = unmap;
        this.files = files;
        this.observer = observer;
    }

    /// <summary>
    /// Makes a mapping; <paramref name="populate"/> is its range where its pages are to be faulted in at once, else
    /// empty.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        var flags = (MapFlags)(uint)call.Request.A3;
        ulong length = call.Request.A1;
        if ((call.Request.A5 & geometry.PageOffsetMask) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        OpenFile? file = null;
        if ((flags & MapFlags.Anonymous) == 0)
        {
            file = FileOf(call);
            if (file is null)
                return SyscallResult.Fail(Errno.EBADF);
            if (file.Inode.Huge is { } huge)
                length = RoundUp(length, huge.Pool);
            else if ((flags & MapFlags.HugeTlb) != 0)
                return SyscallResult.Fail(Errno.EINVAL);
        }
        else if ((flags & MapFlags.HugeTlb) != 0)
        {
            const int sizeShift = 26; // MAP_HUGE_SHIFT
            if (memory.Huge.Find(((uint)flags >> sizeShift) & 63) is not { } pool)
                return SyscallResult.Fail(Errno.EINVAL);
            length = RoundUp(length, pool);
            file = files.CreateHuge(pool, length);
        }

        var request = new MapRequest(
            file, call.Request.A0, length, (ProtFlags)(uint)call.Request.A2, flags, call.Request.A5);
        file?.Get();
        SyscallResult result = Map(call, request, out populate, ref cost);
        if (file is { Inode: { HasPages: true, WriteCount: > 0 } } && result.Errno == Errno.None)
            call.Mm.NoteMapsChangingFiles();
        file?.Put();
        return result;
    }

    private static ulong RoundUp(ulong length, HugePool pool) => (length + pool.Bytes - 1) & ~(pool.Bytes - 1);

    /// <summary>Makes a mapping of an open file, or of anonymous memory: do_mmap.</summary>
    internal SyscallResult Map(
        in SyscallContext call, in MapRequest asked, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        MapRequest request = asked;
        Mm mm = call.Mm;
        Errno error = Prepare(call, ref request, out VmFlags vmFlags);
        if (error == Errno.None)
            error = request.File is null
                ? CheckType(request.Flags, ref vmFlags)
                : CheckFile(request, ref vmFlags);
        if (error == Errno.None && request.File is { Inode.IsSecret: true })
            error = LockSecret(call, request, ref vmFlags);
        if (error == Errno.None && mm.DeniesWriteExec && (vmFlags & VmFlags.Exec) != 0)
            error = (vmFlags & VmFlags.Write) != 0 ? Errno.EACCES : Errno.None;
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        bool isHuge = request.File is { Inode.Huge: not null };
        if (isHuge)
            vmFlags |= VmFlags.HugeTlb | VmFlags.DontExpand;
        if ((request.Flags & MapFlags.NoReserve) != 0 && (limits.HonoursNoReserve || isHuge))
            vmFlags |= VmFlags.NoReserve;

        if (mm.MergesAll && Madvise.MergesEqualPages(vmFlags))
            vmFlags |= VmFlags.Mergeable;
        ulong end = request.Address + request.Length;
        error = UnmapRegion.Check(mm, request.Address, end);
        if (error == Errno.None)
            error = CheckLimits(call, request.Address, end, ref vmFlags);
        if (error == Errno.None && !MayPromise(call, request, vmFlags))
            error = Errno.ENOMEM;
        HugeReserve? reserve = null;
        if (error == Errno.None && isHuge)
            error = ReserveHuge(request, vmFlags, out reserve);
        if (error == Errno.None)
            error = unmap.Unmap(mm, request.Address, end, call.At, ref cost);
        else
            UnmapRegion.LeaveSplit(mm, request.Address, end);
        if (error != Errno.None)
        {
            GiveBackHuge(request, reserve);
            return SyscallResult.Fail(error);
        }

        if (Install(mm, request, vmFlags, ref cost) is not { } vma)
        {
            // What was there is gone already: a gap is left, as in Linux (vms_abort_munmap_vmas).
            observer.Unmapped(mm, request.Address, end);
            GiveBackHuge(request, reserve);
            return SyscallResult.Fail(Errno.ENOMEM);
        }

        if (isHuge)
            vma.HugeReserve = reserve;
        bool now = (request.Flags & (MapFlags.Populate | MapFlags.NonBlock)) == MapFlags.Populate;
        if (now || (vmFlags & VmFlags.Locked) != 0)
            populate = new PopulateRange(request.Address, end);
        return new SyscallResult((long)request.Address);
    }

    // Whatever is checked before it matters what is mapped: lengths, place, locking.
    private Errno Prepare(in SyscallContext call, ref MapRequest request, out VmFlags vmFlags)
    {
        Mm mm = call.Mm;
        MapFlags flags = request.Flags;
        vmFlags = VmFlags.None;
        if (request.Length == 0)
            return Errno.EINVAL;
        if ((flags & MapFlags.FixedNoReplace) != 0)
            flags |= MapFlags.Fixed;
        ulong length = unchecked(request.Length + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        ulong address = (flags & MapFlags.Fixed) != 0 ? request.Address : area.RoundHint(request.Address);
        if (length == 0 || mm.Vmas.Tree.Count > memory.Settings.Vm.MaxMapCount)
            return Errno.ENOMEM;
        bool impliesExec = call.Task.ReadImpliesExec && request.File is not { Inode.DeniesExec: true };
        ProtFlags prot = impliesExec && (request.Prot & ProtFlags.Read) != 0
            ? request.Prot | ProtFlags.Exec : request.Prot;
        vmFlags = VmFlagsOf.Protection(prot) | VmFlagsOf.Request(flags) | mm.DefFlags | VmFlagsOf.MayAll;
        AreaKind kind = KindOf(request);
        ulong align = request.File?.Inode.Huge?.Pool.Bytes ?? 0;
        ulong index = kind == AreaKind.File ? request.Offset >> geometry.PageShift : 0;
        var wish = new AreaRequest(address, length, index, kind, flags, align);
        Errno error = area.Find(mm, call.Task, wish, out address);
        if (error != Errno.None)
            return error;
        bool noReplace = (flags & MapFlags.FixedNoReplace) != 0;
        if (noReplace && mm.Vmas.Tree.FindIntersection(address, address + length) is not null)
            return Errno.EEXIST;
        if ((flags & MapFlags.Locked) != 0 && !SpaceLimits.MayUseMlock(call.Task))
            return Errno.EPERM;
        if (!limits.MayLock(mm, call.Task, vmFlags, length))
            return Errno.EAGAIN;
        request = request with { Address = address, Length = length, Prot = prot };
        return Errno.None;
    }

    private static AreaKind KindOf(in MapRequest request)
    {
        bool sharedType = (request.Flags & MapFlags.Shared) != 0;
        if (request.File is null)
            return sharedType ? AreaKind.Plain : AreaKind.Anonymous;
        return request.File.Inode.Kind switch
        {
            InodeKind.DevZero => sharedType ? AreaKind.Plain : AreaKind.File,
            InodeKind.Regular => AreaKind.File,
            _ => AreaKind.Plain,
        };
    }

    private OpenFile? FileOf(in SyscallContext call)
    {
        if (call.Request.File is { } path)
            return files.Implicit(path, call.Request.Operands?.External);
        return call.Task.Files.Find(call.Request.A4) is { } file && (file.Flags & OpenFlags.Path) == 0 ? file : null;
    }

    private static Errno CheckType(MapFlags flags, ref VmFlags vmFlags)
    {
        switch (flags & MapFlags.TypeMask)
        {
            case MapFlags.Private:
                return Errno.None;
            case MapFlags.Shared:
                vmFlags |= VmFlags.Shared | VmFlags.MayShare;
                return (flags & MapFlags.GrowsDown) != 0 ? Errno.EINVAL : Errno.None;
            case MapFlags.Droppable:
                vmFlags |= VmFlags.Droppable | VmFlags.NoReserve | VmFlags.WipeOnFork | VmFlags.DontDump;
                const MapFlags unfit = MapFlags.Locked | MapFlags.HugeTlb | MapFlags.GrowsDown;
                return (flags & unfit) != 0 ? Errno.EINVAL : Errno.None;
            default:
                return Errno.EINVAL;
        }
    }

    // Linux: mm/secretmem.c: secretmem_mmap_prepare, v6.18.
    private Errno LockSecret(in SyscallContext call, in MapRequest request, ref VmFlags vmFlags)
    {
        if (!limits.MayLock(call.Mm, call.Task, vmFlags | VmFlags.Locked, request.Length))
            return Errno.EAGAIN;
        vmFlags |= VmFlags.DontDump;
        return Errno.None;
    }

    // Linux: fs/hugetlbfs/inode.c: hugetlbfs_file_mmap, v6.18.
    private Errno ReserveHuge(in MapRequest request, VmFlags vmFlags, out HugeReserve? reserve)
    {
        reserve = null;
        Inode inode = request.File!.Inode;
        bool fits = (request.Offset & (inode.Huge!.Pool.Bytes - 1)) == 0 && (long)request.Offset >= 0
            && (long)(request.Offset + request.Length) >= 0;
        if (!fits)
            return Errno.EINVAL;
        if (!memory.Huge.TryReserve(inode, request.Offset, request.Length, vmFlags, out reserve))
            return Errno.ENOMEM;
        if ((vmFlags & VmFlags.Write) != 0)
            inode.SizeBytes = Math.Max(inode.SizeBytes, request.Offset + request.Length);
        return Errno.None;
    }

    private static Errno CheckFile(in MapRequest request, ref VmFlags vmFlags)
    {
        Errno error = MappedFile.Check(request.File!, request.Prot, request.Flags, request.Offset, request.Length);
        if ((request.Flags & MapFlags.Shared) != 0)
            vmFlags |= VmFlags.Shared | VmFlags.MayShare;
        vmFlags = MappedFile.Flags(request.File!, vmFlags);
        if (error == Errno.None && request.File!.Inode.IsSecret)
            return (vmFlags & VmFlags.MayShare) == 0 ? Errno.EINVAL : Errno.None;
        // No file lies on persistent memory. Linux: fs/ext4/file.c: ext4_file_mmap_prepare, v6.18.
        bool needsDax = (request.Flags & MapFlags.Sync) != 0 && request.File!.Inode.Kind == InodeKind.Regular;
        return error == Errno.None && needsDax ? Errno.EOPNOTSUPP : error;
    }

    /// <summary>Whether so much more may be promised for an object of shared memory.</summary>
    internal bool MayCommit(in SyscallContext call, ulong bytes) => limits.MayCommit(
        call.Mm, call.Task, (bytes + geometry.PageOffsetMask) >> geometry.PageShift);

    // Shared anonymous memory is promised as a whole when it is made.
    private bool MayPromise(in SyscallContext call, in MapRequest request, VmFlags vmFlags)
    {
        bool isObject = (vmFlags & VmFlags.MayShare) != 0 && request.File is null or { Inode.Kind: InodeKind.DevZero };
        return !isObject || (vmFlags & VmFlags.NoReserve) != 0
            || limits.MayCommit(call.Mm, call.Task, request.Length >> geometry.PageShift);
    }

    // What is replaced does not count twice, neither against the limits nor as promised memory.
    private Errno CheckLimits(in SyscallContext call, ulong start, ulong end, ref VmFlags vmFlags)
    {
        ulong pages = (end - start) >> geometry.PageShift;
        ulong replaced = 0, accounted = 0;
        Vma? vma = call.Mm.Vmas.Tree.FindIntersection(start, end);
        for (; vma is not null && vma.Start < end; vma = vma.Next)
        {
            ulong part = (Math.Min(vma.End, end) - Math.Max(vma.Start, start)) >> geometry.PageShift;
            replaced += part;
            accounted += (vma.Flags & VmFlags.Account) != 0 ? part : 0;
        }

        if (!limits.MayExpand(call.Mm, call.Task.Group.Limits, vmFlags, unchecked(pages - replaced)))
            return Errno.ENOMEM;
        if (!SpaceLimits.IsAccountable(vmFlags) || (vmFlags & VmFlags.HugeTlb) != 0)
            return Errno.None;
        vmFlags |= VmFlags.Account;
        return pages <= accounted || limits.MayCommit(call.Mm, call.Task, pages - accounted)
            ? Errno.None : Errno.ENOMEM;
    }

    private static void GiveBackHuge(in MapRequest request, HugeReserve? reserve)
    {
        HugePool? pool = request.File?.Inode.Huge?.Pool;
        if (pool is not null && reserve is not null)
            pool.Unreserve(reserve.Unused(0, request.Length >> pool.Shift));
    }

    private Vma? Install(Mm mm, in MapRequest request, VmFlags vmFlags, ref WorkCost cost)
    {
        bool shared = (vmFlags & VmFlags.MayShare) != 0;
        OpenFile? file = request.File;
        ulong start = request.Address;
        ulong index = start >> geometry.PageShift;
        if (file is { Inode.Kind: InodeKind.DevZero } && !shared)
            file = null;
        if (file is { Inode.Kind: not InodeKind.DevZero })
        {
            index = request.Offset >> geometry.PageShift;
        }
        else if (shared)
        {
            // Also /dev/zero: each shared mapping is an object of its own.
            if (memory.FaultSwitch.Fails(FaultSite.AllocEmptyFile))
                return null;
            file = files.CreateShmem(request.Length);
            index = 0;
            if ((vmFlags & VmFlags.NoReserve) == 0)
                files.Objects.Commit(file.Inode, (long)(request.Length >> geometry.PageShift));
        }

        if (!MlockFixup.Supports(vmFlags))
            vmFlags &= ~VmFlags.LockedMask;
        // Locked by itself, without being faulted in.
        if (file is { Inode.IsSecret: true })
            vmFlags |= VmFlags.Locked;
        AddressSpace? mapping = file?.Inode.Mapping;
        file?.Get();
        Vma? vma = mm.Vmas.TryMap(start, start + request.Length, vmFlags, index, mapping, null, file);
        // The mapping has its own reference; an object that nobody maps goes with this one.
        file?.Put();
        if (vma is null)
            return null;
        cost.Vmas++;
        if (mapping is not null)
            memory.Locks.WalksRmap(mapping);
        observer.Mapped(mm, start, start + request.Length, mapping, shared, index);
        observer.MappedDroppable(mm, vma, start, start + request.Length);
        return vma;
    }
}
