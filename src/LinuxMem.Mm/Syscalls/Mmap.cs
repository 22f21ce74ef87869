using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mmap(addr, length, prot, flags, fd, offset).</summary>
/// <remarks>
/// Linux: mm/mmap.c: ksys_mmap_pgoff, do_mmap; mm/vma.c: mmap_region, v6.18, in the order of its checks. A trace
/// without descriptors names the file by its path (<see cref="SyscallRequest.File"/>), as if it were open for
/// everything. Huge pages are not configured: MAP_HUGETLB is ENOMEM.
/// </remarks>
public sealed class Mmap
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly UnmappedArea area;
    private readonly UnmapRegion unmap;
    private readonly FileSystem files;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Mmap(KernelMemory memory, UnmapRegion unmap, FileSystem files, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        area = new UnmappedArea(memory);
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
        var prot = (ProtFlags)(uint)call.Request.A2;
        var flags = (MapFlags)(uint)call.Request.A3;
        ulong offset = call.Request.A5;
        bool anonymous = (flags & MapFlags.Anonymous) != 0;
        if ((offset & geometry.PageOffsetMask) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        OpenFile? file = anonymous ? null : FileOf(call);
        if (!anonymous && file is null)
            return SyscallResult.Fail(Errno.EBADF);
        if (file is not null && (flags & MapFlags.HugeTlb) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (anonymous && (flags & MapFlags.HugeTlb) != 0)
            return SyscallResult.Fail(Errno.ENOMEM);
        Errno error = Place(call.Mm, call.Request.A0, call.Request.A1, offset, flags, out ulong start,
            out ulong length);
        if (error == Errno.None)
            error = file is null ? CheckType(flags) : MappedFile.Check(file, prot, flags, offset, length);
        if (error == Errno.None)
            error = CheckLimits(call.Mm, start, length, prot, flags);
        if (error == Errno.None)
            error = unmap.Unmap(call.Mm, start, start + length, call.At, ref cost);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        Install(call, start, length, prot, flags, file, offset >> geometry.PageShift, ref cost);
        if ((flags & (MapFlags.Populate | MapFlags.NonBlock)) == MapFlags.Populate || (flags & MapFlags.Locked) != 0)
            populate = new PopulateRange(start, start + length);
        return new SyscallResult((long)start);
    }

    private Errno Place(Mm mm, ulong hint, ulong asked, ulong offset, MapFlags flags, out ulong start, out ulong length)
    {
        start = 0;
        length = (asked + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        if (asked == 0)
            return Errno.EINVAL;
        if (length == 0)
            return Errno.ENOMEM;
        if (offset + length < offset)
            return Errno.EOVERFLOW;
        if (mm.Vmas.Tree.Count > memory.Settings.Vm.MaxMapCount || length > geometry.TaskSize)
            return Errno.ENOMEM;
        bool noReplace = (flags & MapFlags.FixedNoReplace) != 0;
        if ((flags & MapFlags.Fixed) == 0 && !noReplace)
        {
            hint &= ~geometry.PageOffsetMask;
            if (hint != 0)
                hint = Math.Max(hint, memory.Settings.Vm.MmapMinAddr);
            bool privateAnonymous = (flags & MapFlags.Anonymous) != 0
                && (flags & MapFlags.TypeMask) == MapFlags.Private;
            ulong? found = (flags & MapFlags.Low32Bit) != 0
                ? mm.Vmas.Tree.FindGapBottomUp(0x4000_0000, 0x8000_0000, length, 0, 0, 0)
                : area.Find(mm, hint, length, privateAnonymous);
            start = found ?? 0;
            return found is null ? Errno.ENOMEM : Errno.None;
        }

        start = hint;
        if (start > geometry.TaskSize - length)
            return Errno.ENOMEM;
        if ((start & geometry.PageOffsetMask) != 0)
            return Errno.EINVAL;
        if (start < memory.Settings.Vm.MmapMinAddr)
            return Errno.EPERM;
        return noReplace && mm.Vmas.Tree.FindIntersection(start, start + length) is not null
            ? Errno.EEXIST : Errno.None;
    }

    private OpenFile? FileOf(in SyscallContext call)
    {
        if (call.Request.File is { } path)
            return files.Implicit(path);
        return call.Task.Files.Find(call.Request.A4) is { } file && (file.Flags & OpenFlags.Path) == 0 ? file : null;
    }

    private static Errno CheckType(MapFlags flags) => (flags & MapFlags.TypeMask) switch
    {
        MapFlags.Private => Errno.None,
        MapFlags.Shared => (flags & MapFlags.GrowsDown) != 0 ? Errno.EINVAL : Errno.None,
        _ => Errno.EINVAL,
    };

    private Errno CheckLimits(Mm mm, ulong start, ulong length, ProtFlags prot, MapFlags flags)
    {
        ulong pages = length >> geometry.PageShift;
        bool dataLike = (prot & ProtFlags.Write) != 0 && (flags & MapFlags.TypeMask) == MapFlags.Private
            && (flags & MapFlags.GrowsDown) == 0;
        if (mm.Vmas.TotalVmPages + pages > mm.Limits.AddressSpaceBytes >> geometry.PageShift)
        {
            // A fixed mapping replaces what it covers, which does not count twice.
            ulong covered = CoveredPages(mm, start, start + length);
            if (mm.Vmas.TotalVmPages + pages - covered > mm.Limits.AddressSpaceBytes >> geometry.PageShift)
                return Errno.ENOMEM;
        }

        bool overData = dataLike && mm.Vmas.DataVmPages + pages > mm.Limits.DataBytes >> geometry.PageShift;
        return overData ? Errno.ENOMEM : Errno.None;
    }

    private ulong CoveredPages(Mm mm, ulong start, ulong end)
    {
        ulong bytes = 0;
        for (Vma? vma = mm.Vmas.Tree.FindIntersection(start, end); vma is not null
            && vma.Start < end; vma = mm.Vmas.Tree.Next(vma))
            bytes += Math.Min(vma.End, end) - Math.Max(vma.Start, start);
        return bytes >> geometry.PageShift;
    }

    private void Install(in SyscallContext call, ulong start, ulong length, ProtFlags prot, MapFlags flags,
        OpenFile? file, ulong fileIndex, ref WorkCost cost)
    {
        bool shared = (flags & MapFlags.TypeMask) != MapFlags.Private;
        ulong index = start >> geometry.PageShift;
        if (file is { Inode.Kind: InodeKind.DevZero } && !shared)
            file = null;
        if (file is { Inode.Kind: not InodeKind.DevZero })
        {
            index = fileIndex;
        }
        else if (shared)
        {
            // Also /dev/zero: each shared mapping is an object of its own.
            file = files.CreateShmem(length);
            index = 0;
        }

        AddressSpace? mapping = file?.Inode.Mapping;
        VmFlags vmFlags = VmFlagsOf.Mapping(prot, flags);
        if (file is not null)
            vmFlags = MappedFile.Flags(file, vmFlags);
        if ((flags & MapFlags.Locked) != 0)
            vmFlags |= VmFlags.Locked;
        call.Mm.Vmas.Map(start, start + length, vmFlags, index, mapping, null, file);
        cost.Vmas++;
        observer.Mapped(call.Mm, start, start + length, mapping, shared, index);
    }
}
