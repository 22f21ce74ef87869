using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>fsync, fdatasync, sync_file_range, syncfs, sync, and the advice of fadvise64 and readahead.</summary>
/// <remarks>Linux: fs/sync.c; mm/fadvise.c: generic_fadvise; mm/readahead.c: ksys_readahead, v6.18.</remarks>
public sealed class SyncCalls
{
    private readonly FileServices services;
    private readonly ForcedReadahead forced;

    /// <summary>With the machine's services.</summary>
    public SyncCalls(FileServices services)
    {
        this.services = services;
        forced = new ForcedReadahead(services);
    }

    /// <summary>fsync(fd), fdatasync(fd), syncfs(fd): EBADF, EINVAL for what has no disk.</summary>
    public IEnumerator<PageLookup> Fsync(CallProgress call)
    {
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return FileServices.Fail(call, Errno.EBADF);
        bool any = file.Inode.HasPages || file.Inode.Kind == InodeKind.Directory;
        if (!any && call.Request.Nr != SyscallNr.Syncfs)
            return FileServices.Fail(call, Errno.EINVAL);
        return call.Request.Nr == SyscallNr.Syncfs ? Sync(call) : Sync(call, file);
    }

    // What went wrong since this open file was last told becomes the result.
    private IEnumerator<PageLookup> Sync(CallProgress call, OpenFile file)
    {
        DurabilityCheck? durability = services.Memory.Io!.Durability;
        var contents = durability?.Begin(file.Inode, 0, ulong.MaxValue);
        int told = file.ErrorsTold;
        for (var steps = services.Writeback.Run(call, file.Inode, 0, ulong.MaxValue); steps.MoveNext();)
            yield return steps.Current;
        if (file.TakeWriteError() is var error and not Errno.None)
        {
            call.Fail(error);
            if (services.Memory.Mutant == Mutant.M48)
                file.Inode.Mapping.WriteErrors = default;
        }
        else if (file.ErrorsTold == told)
        {
            durability?.Keep(file.Inode, contents!);
        }
    }

    /// <summary>sync(): every file, by path.</summary>
    public IEnumerator<PageLookup> Sync(CallProgress call)
    {
        DurabilityCheck? durability = services.Memory.Io!.Durability;
        var promised = durability?.BeginAll(services.Names.Objects.Files.Select(mapping => mapping.Host!));
        // All is begun before anything is waited for.
        foreach (FileWrites file in services.Pages.Dirty.All.ToArray())
        {
            for (var begin = services.Writeback.Begin(call, file.Mapping.Host!, 0, ulong.MaxValue); begin.MoveNext();)
                yield return begin.Current;
        }

        foreach (AddressSpace mapping in services.Names.Objects.Files.ToArray())
        {
            for (var steps = services.Writeback.Run(call, mapping.Host!, 0, ulong.MaxValue); steps.MoveNext();)
                yield return steps.Current;
        }

        durability?.KeepAll(promised!);
    }

    /// <summary>sync_file_range(fd, offset, length, flags): EINVAL, EBADF, ESPIPE.</summary>
    public IEnumerator<PageLookup> SyncFileRange(CallProgress call)
    {
        const ulong waitBefore = 1, write = 2, waitAfter = 4;
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return FileServices.Fail(call, Errno.EBADF);
        ulong offset = call.Request.A1;
        ulong end = offset + call.Request.A2;
        if ((call.Request.A3 & ~7UL) != 0 || (long)offset < 0 || (long)end < 0 || end < offset)
            return FileServices.Fail(call, Errno.EINVAL);
        if (!file.Inode.HasPages && file.Inode.Kind != InodeKind.Directory)
            return FileServices.Fail(call, Errno.ESPIPE);
        ulong first = offset >> file.Inode.PageShift;
        ulong last = call.Request.A2 == 0 ? ulong.MaxValue : ((end - 1) >> file.Inode.PageShift) + 1;
        ulong flags = call.Request.A3;
        return Parts();

        IEnumerator<PageLookup> Parts()
        {
            if ((flags & waitBefore) != 0)
            {
                for (var wait = Writeback.Wait(call, file.Inode, first, last); wait.MoveNext();)
                    yield return wait.Current;
            }

            if ((flags & write) != 0)
            {
                for (var steps = services.Writeback.Begin(call, file.Inode, first, last); steps.MoveNext();)
                    yield return steps.Current;
            }

            if ((flags & waitAfter) != 0)
            {
                for (var wait = Writeback.Wait(call, file.Inode, first, last); wait.MoveNext();)
                    yield return wait.Current;
            }

            if ((flags & (waitBefore | waitAfter)) != 0 && file.TakeWriteError() is var error and not Errno.None)
                call.Fail(error);
        }
    }

    /// <summary>fadvise64(fd, offset, length, advice): EBADF, ESPIPE for pipes, EINVAL.</summary>
    public IEnumerator<PageLookup> Fadvise(CallProgress call)
    {
        const ulong willNeed = 3;
        const ulong dontNeed = 4;
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || (file.Flags & OpenFlags.Path) != 0)
            return FileServices.Fail(call, Errno.EBADF);
        if (file.Inode.Kind == InodeKind.Pipe)
            return FileServices.Fail(call, Errno.ESPIPE);
        ulong advice = (uint)call.Request.A3;
        if (advice > 5 || (long)call.Request.A2 < 0)
            return FileServices.Fail(call, Errno.EINVAL);
        ulong offset = call.Request.A1;
        ulong end = EndOf(offset, call.Request.A2);
        if (!file.Inode.HasPages)
            return FileServices.Done(call, default);
        return advice switch
        {
            willNeed => forced.Run(call, file.Inode, offset, end),
            dontNeed => Drop(call, file.Inode, offset, end),
            _ => FileServices.Done(call, Expect(file, advice)),
        };
    }

    // No length is all that there is; so is one that ends behind the largest offset.
    private static ulong EndOf(ulong offset, ulong length) =>
        length == 0 || offset + length < offset ? ulong.MaxValue : offset + length;

    // What the advice says about the reads to come; POSIX_FADV_NOREUSE concerns reclaim alone.
    private static SyscallResult Expect(OpenFile file, ulong advice)
    {
        const ulong random = 1;
        const ulong sequential = 2;
        if (advice <= sequential)
        {
            file.Readahead.IsRandom = advice == random;
            file.Readahead.IsDoubled = advice == sequential || (advice == random && file.Readahead.IsDoubled);
        }

        return default;
    }

    /// <summary>
    /// readahead(fd, offset, count): POSIX_FADV_WILLNEED; EBADF, EINVAL for what is no file and for lengths that a
    /// signed number does not hold.
    /// </summary>
    public IEnumerator<PageLookup> Readahead(CallProgress call)
    {
        OpenFile? file = call.Task.Files.Find((uint)call.Request.A0);
        if (file is null || !file.CanRead)
            return FileServices.Fail(call, Errno.EBADF);
        if (!file.Inode.HasPages || (long)call.Request.A2 < 0)
            return FileServices.Fail(call, Errno.EINVAL);
        return forced.Run(call, file.Inode, call.Request.A1, EndOf(call.Request.A1, call.Request.A2));
    }

    // Whole pages that are clean, and that nobody maps, leave the cache: mapping_try_invalidate after a writeback.
    private IEnumerator<PageLookup> Drop(CallProgress call, Inode inode, ulong offset, ulong end)
    {
        if (inode.Kind != InodeKind.Regular)
            yield break;
        ulong mask = services.Memory.Geometry.PageOffsetMask;
        ulong first = (offset + mask) >> inode.PageShift;
        // The last page goes as well where the range reaches the end of the file.
        ulong last = end >= inode.SizeBytes ? inode.EndIndex : end >> inode.PageShift;
        for (var steps = services.Writeback.Begin(call, inode, first, last); steps.MoveNext();)
            yield return steps.Current;
        for (var steps = services.Cuts.DropUnmapped(call, inode.Mapping, first, last); steps.MoveNext();)
            yield return steps.Current;
    }
}
