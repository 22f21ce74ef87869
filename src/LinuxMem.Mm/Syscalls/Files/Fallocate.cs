using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>fallocate(fd, mode, offset, length).</summary>
/// <remarks>
/// Linux: fs/open.c: vfs_fallocate; fs/ext4/extents.c: ext4_fallocate, ext4_zero_range, ext4_punch_hole; mm/shmem.c:
/// shmem_fallocate, v6.18. A disk is never full.
/// </remarks>
public sealed class Fallocate
{
    private const uint KeepSize = 0x01;
    private const uint PunchHole = 0x02;
    private const uint CollapseRange = 0x08;
    private const uint ZeroRange = 0x10;
    private const uint InsertRange = 0x20;
    private const uint UnshareRange = 0x40;
    private const uint WriteZeroes = 0x80;
    private readonly FileServices services;
    private readonly RangeShift shift;

    /// <summary>With the machine's services.</summary>
    public Fallocate(FileServices services)
    {
        this.services = services;
        shift = new RangeShift(services);
    }

    /// <summary>
    /// Carries it out: EBADF, EINVAL, EOPNOTSUPP, ESPIPE, EISDIR, ENODEV, EFBIG, EPERM (sealed), ENOSPC, EIO.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        uint mode = (uint)call.Request.A1;
        ulong offset = call.Request.A2;
        ulong length = call.Request.A3;
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        Errno error = file is null || (file.Flags & OpenFlags.Path) != 0 ? Errno.EBADF
            : Check(file, mode, (long)offset, (long)length);
        if (error != Errno.None)
            return FileServices.Fail(call, error);
        Inode inode = file!.Inode;
        ulong end = offset + length;
        bool grows = (mode & (KeepSize | CollapseRange)) == 0 && end > inode.SizeBytes;
        if (grows && !FileSizeLimit.Allows(call, end))
            return FileServices.Fail(call, Errno.EFBIG);
        switch (mode & ~KeepSize)
        {
            case PunchHole:
                return Punch(call, inode, offset, end);
            case ZeroRange:
                return Zero(call, inode, offset, end, (mode & KeepSize) != 0);
            case CollapseRange or InsertRange:
                return shift.Run(call, inode, offset, length, mode == InsertRange);
            default:
                if (inode.Huge is not null)
                    return AllocateHuge(call, inode, offset, end, (mode & KeepSize) != 0);
                return inode.Kind == InodeKind.Shmem
                    ? AllocateShmem(call, inode, offset, end, (mode & KeepSize) != 0)
                    : Extend(call, inode, offset, end, (mode & KeepSize) != 0);
        }
    }

    private static Errno Check(OpenFile file, uint mode, long offset, long length)
    {
        if (offset < 0 || length <= 0)
            return Errno.EINVAL;
        bool keeps = (mode & KeepSize) != 0;
        bool known = (mode & ~KeepSize) switch
        {
            0 or UnshareRange or ZeroRange => true,
            PunchHole => keeps,
            CollapseRange or InsertRange or WriteZeroes => !keeps,
            _ => false,
        };
        if (!known)
            return Errno.EOPNOTSUPP;
        if (!file.CanWrite)
            return Errno.EBADF;
        if (file.Inode.Kind == InodeKind.Pipe)
            return Errno.ESPIPE;
        if (file.Inode.Kind == InodeKind.Directory)
            return Errno.EISDIR;
        if (!file.Inode.HasPages)
            return Errno.ENODEV;
        if (file.Inode.IsSecret)
            return Errno.EOPNOTSUPP;
        ulong most = file.Inode.Kind == InodeKind.Regular ? MappedFile.MaxBytes : long.MaxValue;
        if ((ulong)offset + (ulong)length > most)
            return Errno.EFBIG;
        bool supported = file.Inode.Kind == InodeKind.Regular
            ? (mode & (UnshareRange | WriteZeroes)) == 0 : (mode & ~(KeepSize | PunchHole)) == 0;
        return supported ? Errno.None : Errno.EOPNOTSUPP;
    }

    private IEnumerator<PageLookup> Punch(CallProgress call, Inode inode, ulong offset, ulong end)
    {
        const FileSeals noWrite = FileSeals.Write | FileSeals.FutureWrite;
        if (inode.Kind == InodeKind.Shmem && (inode.Seals & noWrite) != 0)
            return FileServices.Fail(call, Errno.EPERM);
        return Punch(call, inode, offset, end, zeroes: false);
    }

    private IEnumerator<PageLookup> Punch(CallProgress call, Inode inode, ulong offset, ulong end, bool zeroes)
    {
        call.Return(0);
        for (var steps = services.Cuts.PunchHole(call, inode, offset, end, zeroes); steps.MoveNext();)
            yield return steps.Current;
        if (call.ReadError != Errno.None)
            call.Fail(call.ReadError);
    }

    private IEnumerator<PageLookup> Zero(CallProgress call, Inode inode, ulong offset, ulong end, bool keepsSize)
    {
        for (var steps = Punch(call, inode, offset, end, zeroes: true); steps.MoveNext();)
            yield return steps.Current;
        if (call.ReadError != Errno.None)
            yield break;
        for (var steps = Extend(call, inode, offset, end, keepsSize); steps.MoveNext();)
            yield return steps.Current;
    }

    private IEnumerator<PageLookup> Extend(CallProgress call, Inode inode, ulong offset, ulong end, bool keepsSize)
    {
        call.Return(0);
        inode.Blocks.Reserve(offset >> inode.PageShift, ((end - 1) >> inode.PageShift) + 1);
        if (keepsSize || end <= inode.SizeBytes)
            yield break;
        for (var steps = services.Cuts.SetSize(call, inode, end); steps.MoveNext();)
            yield return steps.Current;
    }

    // Linux: fs/hugetlbfs/inode.c: hugetlbfs_fallocate, v6.18.
    private static IEnumerator<PageLookup> AllocateHuge(CallProgress call, Inode inode, ulong offset, ulong end,
        bool keepsSize)
    {
        HugePool pool = inode.Huge!.Pool;
        if ((inode.Seals & FileSeals.Grow) != 0 && end > inode.SizeBytes)
            return FileServices.Fail(call, Errno.EPERM);
        for (ulong index = offset >> pool.Shift; index << pool.Shift < end; index++)
        {
            if (!inode.Huge.TryTake(index))
                return FileServices.Fail(call, Errno.ENOSPC);
        }

        if (!keepsSize)
            inode.SizeBytes = Math.Max(inode.SizeBytes, end);
        return FileServices.Done(call, default);
    }

    private IEnumerator<PageLookup> AllocateShmem(CallProgress call, Inode inode, ulong offset, ulong end,
        bool keepsSize)
    {
        if ((inode.Seals & FileSeals.Grow) != 0 && end > inode.SizeBytes)
        {
            call.Fail(Errno.EPERM);
            yield break;
        }

        int pageShift = inode.PageShift;
        ulong last = (end - 1) >> pageShift;
        if (last - (offset >> pageShift) >= (ulong)services.Memory.Allocator.ManagedPages)
        {
            call.Fail(Errno.ENOSPC);
            yield break;
        }

        for (ulong index = offset >> pageShift; index <= last; index++)
        {
            yield return new PageLookup(inode.Mapping, (uint)index, 1);
            if (call.Pages[0] != 0)
            {
                // What was reserved before gets its zeros now, lest a failure take it back.
                services.Memory.Map[new Pfn(call.Pages[0])].Flags |= PageFlags.Uptodate;
                continue;
            }

            long failures = services.Memory.InjectedFailures;
            Pfn page = services.Pages.Add(inode.Mapping, (uint)index, call.At.Cpu, ref call.Cost);
            if (page.IsNone && services.Memory.InjectedFailures != failures)
            {
                call.Fail(Errno.ENOSPC);
                yield break;
            }

            if (page.IsNone)
            {
                call.IsOutOfMemory = true;
                yield return PageLookup.Wait;
                index--;
                continue;
            }

            // Reserved, but not yet anybody's contents: faults do not map it along.
            services.Memory.Map[page].Flags &= ~PageFlags.Uptodate;
        }

        if (!keepsSize)
            inode.SizeBytes = Math.Max(inode.SizeBytes, end);
        call.Return(0);
    }
}
