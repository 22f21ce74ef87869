using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Writes files through the page cache.</summary>
/// <remarks>
/// Linux: mm/filemap.c: generic_perform_write; fs/ext4/file.c: ext4_write_checks; mm/shmem.c: shmem_write_begin, v6.18.
/// </remarks>
public sealed class FileWriter
{
    private const ulong ChunkBytes = 4096UL << LargeFolios.OrderMax; // mapping_max_folio_size
    private readonly FileServices services;
    private readonly BufferCopy copy;
    private readonly int shift;

    /// <summary>With the machine's services.</summary>
    public FileWriter(FileServices services)
    {
        this.services = services;
        copy = new BufferCopy(services.Copy);
        shift = services.Memory.Geometry.PageShift;
    }

    /// <summary>
    /// Writes from user memory at a position, page by page; the call's Written says how much it was. Where nothing
    /// could be written, the call's result is the error: EFAULT, EPERM (sealed), ENOSPC (memory is out).
    /// </summary>
    public IEnumerator<PageLookup> Write(CallProgress call, OpenFile file, ulong position, UserBuffer from)
    {
        Inode inode = file.Inode;
        if (position > inode.SizeBytes && (inode.SizeBytes & ((1UL << shift) - 1)) != 0
            && inode.Kind == InodeKind.Regular)
        {
            ulong end = (inode.SizeBytes | ((1UL << shift) - 1)) + 1;
            for (var zero = services.Cuts.ZeroPart(call, inode, inode.SizeBytes, end); zero.MoveNext();)
                yield return zero.Current;
            call.ReadError = Errno.None;
        }

        if (inode.IsOnDisk && services.Metadata is { } metadata)
        {
            for (var steps = metadata.Written(call, inode); steps.MoveNext();)
                yield return steps.Current;
        }

        byte[] buffer = new byte[1 << shift];
        while (from.Left > 0)
        {
            int offset = (int)(position & ((1UL << shift) - 1));
            int part = (int)Math.Min(from.Left, (ulong)(buffer.Length - offset));
            ulong chunk = Math.Min(from.Left, ChunkBytes - (position & (ChunkBytes - 1)));
            for (var steps = copy.In(call, from, buffer.AsMemory(0, part)); steps.MoveNext();)
                yield return steps.Current;
            int copied = (int)call.Copied;
            Errno error = copied == 0 ? Errno.EFAULT : CheckSeals(inode, position + (ulong)copied);
            if (error == Errno.None && services.Memory.FaultSwitch.Fails(FaultSite.WriteBegin))
                error = Errno.ENOSPC;
            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }

            for (var put = Put(call, inode, position, buffer.AsMemory(0, copied), chunk); put.MoveNext();)
                yield return put.Current;
            if (call.ReadError != Errno.None)
            {
                call.Fail(call.ReadError);
                yield break;
            }

            position += (ulong)copied;
            call.Written += (ulong)copied;
            if (inode.IsOnDisk && services.Buffered is null && DirtyThrottle.CountsUp(call.Task))
            {
                for (var pauses = services.Pauses.Run(call); pauses.MoveNext();)
                    yield return pauses.Current;
            }

            if (copied < part)
                break;
        }
    }

    // Writes bytes of one page at a position; the chunk is what is left to be written, from there on, in one go.
    private IEnumerator<PageLookup> Put(
        CallProgress call, Inode inode, ulong position, ReadOnlyMemory<byte> bytes, ulong chunk)
    {
        uint index = (uint)(position >> shift);
        int offset = (int)(position & ((1UL << shift) - 1));
        if (services.Buffered is { } buffered && inode.IsOnDisk)
        {
            for (var put = buffered.Put(call, services.Observer, inode, index, offset, bytes); put.MoveNext();)
                yield return put.Current;
            inode.SizeBytes = Math.Max(inode.SizeBytes, position + (ulong)bytes.Length);
            yield break;
        }

        Pfn page;
        bool isPart = bytes.Length < 1 << shift;
        for (bool wasRead = false; ;)
        {
            long failures = services.Memory.InjectedFailures;
            int order = OrderFor(inode, index, chunk);
            yield return new PageLookup(inode.Mapping, index, 1 << order);
            page = new Pfn(call.Pages[0]);
            order = LargeFolios.FreeOrder(order, call.Pages);
            if (page.IsNone)
            {
                if (order > 0)
                    (inode.Mapping.Folios ??= new LargeFolios()).Add(new Folio(index, order));
                page = services.Pages.Add(inode.Mapping, index, call.At.Cpu, ref call.Cost);
                // What is not overwritten of it has to be read first.
                wasRead = offset > 0 || (isPart && position + (ulong)bytes.Length < inode.SizeBytes);
                if (wasRead)
                    services.Pages.StartRead(inode.Mapping, index, page);
            }
            else if (isPart && !wasRead && services.Pages.HasReadError(page) && !services.Pages.IsBeingRead(page))
            {
                services.Pages.StartRead(inode.Mapping, index, page);
                wasRead = true;
            }

            if (page.IsNone && services.Memory.InjectedFailures != failures)
            {
                call.ReadError = Errno.ENOMEM;
                yield break;
            }

            if (!page.IsNone && !services.Pages.IsBeingRead(page))
                break;
            call.IsOutOfMemory = page.IsNone;
            call.WaitsFor = page;
            yield return PageLookup.Wait;
        }

        // What is not overwritten of a page is needed. Linux: fs/buffer.c: __block_write_begin_int, v6.18.
        if (services.Pages.HasReadError(page) && isPart)
        {
            call.ReadError = Errno.EIO;
            yield break;
        }

        services.Memory.Ram.WriteBytes(page, offset, bytes.Span);
        services.Memory.Map[page].Flags |= PageFlags.Uptodate;
        services.Memory.Io!.ReadErrors.Forget(page);
        services.Pages.MarkDirty(inode.Mapping, page);
        services.Pages.Announce(services.Observer, inode.Mapping, index, page, offset, bytes.Length);
        inode.SizeBytes = Math.Max(inode.SizeBytes, position + (ulong)bytes.Length);
    }

    // Only ext4 has large folios: those of shared memory have one page unless huge pages are switched on.
    private int OrderFor(Inode inode, uint index, ulong chunk)
    {
        if (inode.Kind != InodeKind.Regular || services.Memory.Settings.Kernel == KernelEra.Classic
            || (inode.IsWarm && index < inode.EndIndex) || inode.Mapping.Folios?.TryFind(index, out _) == true)
            return 0;
        return LargeFolios.OrderFor(index, chunk, shift);
    }

    private static Errno CheckSeals(Inode inode, ulong end)
    {
        if (inode.Kind != InodeKind.Shmem)
            return Errno.None;
        if ((inode.Seals & (FileSeals.Write | FileSeals.FutureWrite)) != 0)
            return Errno.EPERM;
        return (inode.Seals & FileSeals.Grow) != 0 && end > inode.SizeBytes ? Errno.EPERM : Errno.None;
    }
}
