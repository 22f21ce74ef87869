using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Reads files through the page cache.</summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_read, filemap_get_pages; mm/shmem.c: shmem_file_read_iter, v6.18. Where memory for a
/// page is out, the bytes come past the cache.
/// </remarks>
public sealed class FileReader
{
    private const uint LookBack = 32;
    private readonly FileServices services;
    private readonly ReadaheadPages readahead;
    private readonly BufferCopy copy;
    private readonly int shift;

    /// <summary>With the machine's services.</summary>
    public FileReader(FileServices services)
    {
        this.services = services;
        readahead = new ReadaheadPages(services.Memory, services.Pages);
        copy = new BufferCopy(services.Copy);
        shift = services.Memory.Geometry.PageShift;
    }

    /// <summary>
    /// Reads into user memory from a position on, up to the end of the file. The buffer's Passed says how much it was.
    /// Precondition: the file has pages.
    /// </summary>
    public IEnumerator<PageLookup> Read(CallProgress call, OpenFile file, ulong position, UserBuffer to)
    {
        Inode inode = file.Inode;
        var pages = new uint[PageLookup.BatchPages];
        uint first = 0;
        int known = 0;
        byte[] buffer = new byte[1 << shift];
        ulong limit = position + to.Left;
        while (position < Math.Min(limit, inode.SizeBytes)) // which may have moved while the call waited
        {
            uint index = (uint)(position >> shift);
            Pfn page = index - first < (uint)known ? new Pfn(pages[index - first]) : Pfn.None;
            bool isOut = false;
            if (page.IsNone)
            {
                PageLookup lookup = LookupFor(inode, index);
                long failures = services.Memory.InjectedFailures;
                yield return lookup;
                first = lookup.First;
                known = lookup.Count;
                call.Pages.CopyTo(pages);
                page = new Pfn(pages[index - first]);
                if (page.IsNone && (inode is { Kind: InodeKind.Regular, IsWarm: true }
                    || FilePages.IsSwapped(inode.Mapping, index)))
                {
                    page = services.Pages.Add(inode.Mapping, index, call.At.Cpu, ref call.Cost);
                    pages[index - first] = page.Value;
                }
                else if (page.IsNone && inode.Kind == InodeKind.Regular)
                {
                    uint wanted = Wanted(position, to, index);
                    yield return readahead.PlanRead(
                        inode.Mapping, file.Readahead, index, wanted, first, pages.AsSpan(0, known));
                    page = ReadMissed(call, inode, index, first, pages.AsSpan(0, known));
                }

                isOut = page.IsNone && IsOutOfMemory(call, inode, index, failures);
            }

            if (!page.IsNone && TakeMark(page))
            {
                for (var ahead = ReadAhead(call, file, index, Wanted(position, to, index)); ahead.MoveNext();)
                    yield return ahead.Current;
                known = 0; // what was made is not in the answer that we have
            }

            if (isOut || (!page.IsNone && NeedsWait(call, file, index, page)))
            {
                if (call.ReadError != Errno.None)
                    yield break;
                yield return PageLookup.Wait;
                known = 0;
                continue;
            }

            int part = Load(inode, position, Math.Min(limit, inode.SizeBytes), page, buffer);
            for (var steps = Give(call, to, position, page, buffer.AsMemory(0, part)); steps.MoveNext();)
            {
                // Behind a wait, nothing that was known of the file need hold any more.
                if (steps.Current.Mapping is null)
                    known = 0;
                yield return steps.Current;
            }

            position += call.Copied;
            file.Readahead.PreviousIndex = position >> shift;
            if (call.Copied < (ulong)part)
                yield break;
        }
    }

    // Reads what was planned; the answer that was known is told of what is there now.
    private Pfn ReadMissed(CallProgress call, Inode inode, uint index, uint first, Span<uint> known)
    {
        Pfn page = readahead.Read(inode.Mapping, index, call.Pages, call.At.Cpu, ref call.Cost);
        readahead.Merge(known, first, known);
        return page;
    }

    // Copies the bytes, or gives the page away as it is.
    private IEnumerator<PageLookup> Give(
        CallProgress call, UserBuffer to, ulong position, Pfn page, ReadOnlyMemory<byte> bytes)
    {
        if (to.Taker is not { } taker)
            return copy.Out(call, to, bytes);
        int offset = (int)(position & ((1UL << shift) - 1));
        bool isTaken = page.IsNone ? taker.Take(bytes.Span, offset) : taker.Take(page, offset, bytes.Length);
        call.Copied = isTaken ? (ulong)bytes.Length : 0;
        to.Advance(call.Copied);
        return Enumerable.Empty<PageLookup>().GetEnumerator();
    }

    // What a page holds from a position on, up to its end or that of the reading: how many bytes.
    private int Load(Inode inode, ulong position, ulong end, Pfn page, byte[] buffer)
    {
        int offset = (int)(position & ((1UL << shift) - 1));
        int part = (int)Math.Min(end - position, (ulong)(buffer.Length - offset));
        Load(inode, (uint)(position >> shift), page, offset, buffer.AsSpan(0, part));
        return part;
    }

    // Whether a page is needed that is not to be had: the caller waits for memory, or (ENOMEM) the want was injected. A
    // hole of shared memory reads as zeros without one.
    private bool IsOutOfMemory(CallProgress call, Inode inode, uint index, long failuresBefore)
    {
        bool isInjected = services.Memory.InjectedFailures != failuresBefore;
        call.ReadError = isInjected ? Errno.ENOMEM : Errno.None;
        call.IsOutOfMemory = !isInjected
            && (inode.Kind == InodeKind.Regular || FilePages.IsSwapped(inode.Mapping, index));
        return isInjected || call.IsOutOfMemory;
    }

    // A page that is being read; or one that could not be read, and is tried once more, or (EIO) given up.
    private bool NeedsWait(CallProgress call, OpenFile file, uint index, Pfn page)
    {
        bool isBeingRead = services.Pages.IsBeingRead(page);
        if (!isBeingRead && !services.Pages.HasReadError(page))
            return false;
        if (!isBeingRead && !services.Pages.TryReread(file.Inode.Mapping, index, page))
        {
            file.Readahead.ShrinkForError();
            call.ReadError = Errno.EIO;
            return true;
        }

        call.WaitsFor = page;
        return true;
    }

    private static PageLookup LookupFor(Inode inode, uint index)
    {
        if (inode.IsWarm || inode.Kind == InodeKind.Shmem)
            return new PageLookup(inode.Mapping, index, 16);
        uint first = index - Math.Min(index, LookBack);
        return new PageLookup(inode.Mapping, first, PageLookup.BatchPages);
    }

    private bool TakeMark(Pfn page)
    {
        ref PageFrame frame = ref services.Memory.Map[page];
        if ((frame.Flags & PageFlags.Readahead) == 0)
            return false;
        frame.Flags &= ~PageFlags.Readahead;
        return true;
    }

    // What the caller asks for from a page on, whether the file reaches as far or not.
    private uint Wanted(ulong position, UserBuffer to, uint index) =>
        (uint)Math.Min(((position + to.Left - 1) >> shift) - index + 1, uint.MaxValue >> 1);

    private IEnumerator<PageLookup> ReadAhead(CallProgress call, OpenFile file, uint index, uint wanted)
    {
        AddressSpace mapping = file.Inode.Mapping;
        bool scans = false;
        if (readahead.PlanScan(mapping, file.Readahead, index) is { } scan)
        {
            scans = true;
            yield return scan;
        }

        if (readahead.PlanAhead(mapping, file.Readahead, index, wanted, scans ? call.Pages : []) is not { } lookup)
            yield break;
        yield return lookup;
        readahead.Ahead(mapping, call.Pages, call.At.Cpu, ref call.Cost);
    }

    private void Load(Inode inode, uint index, Pfn page, int offset, Span<byte> into)
    {
        if (!page.IsNone)
        {
            if (inode.Kind == InodeKind.Regular)
                services.Memory.Map[page].Flags |= PageFlags.Uptodate;
            services.Memory.Ram.ReadBytes(page, offset, into);
            return;
        }

        Pfn block = services.Pages.Buffers?.FindData(inode, index) ?? Pfn.None;
        if (!block.IsNone)
        {
            services.Memory.Ram.ReadBytes(block, offset, into);
            return;
        }

        byte[] whole = new byte[1 << shift];
        if (inode.Store.Read(index, whole))
            whole.AsSpan(offset, into.Length).CopyTo(into);
        else
            into.Clear();
    }
}
