using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Filemap;

// Pages of which a part is cut off.
public sealed partial class MappingCut
{
    /// <summary>
    /// Zeroes a part of one page, where it is cached or stored. What cannot be read is left as it is: the call's
    /// ReadError is EIO then, or ENOMEM where there is no memory for it.
    /// </summary>
    /// <remarks>
    /// Linux: fs/ext4/inode.c: __ext4_block_zero_page_range; mm/shmem.c: shmem_get_partial_folio, which is content with
    /// what it cannot read, v6.18. A hole of a file gets a page that was not read yet (not up to date, not dirty): the
    /// first fault on it reads it.
    /// </remarks>
    public IEnumerator<PageLookup> ZeroPart(CallProgress call, Inode inode, ulong start, ulong end)
    {
        AddressSpace mapping = inode.Mapping;
        uint index = (uint)(start >> memory.Geometry.PageShift);
        bool isRegular = inode.Kind == InodeKind.Regular;
        if (mapping.Pages == 0 && !FilePages.IsSwapped(mapping, index) && !isRegular)
            yield break;
        Pfn page;
        bool isHole;
        for (bool wasRead = false; ;)
        {
            yield return new PageLookup(mapping, index, 1);
            // Linux holds the inode's lock: nobody makes the file shorter while a hole is made.
            if (index >= inode.EndIndex)
                yield break;
            page = new Pfn(call.Pages[0]);
            isHole = IsHole(inode, index);
            bool isFresh = page.IsNone && ToBeZeroed(inode, index, isHole);
            if (isFresh)
                page = files.Add(mapping, index, call.At.Cpu, ref call.Cost);
            if (page.IsNone)
            {
                if (isFresh && isRegular)
                    call.ReadError = Errno.ENOMEM;
                yield break;
            }

            if (isFresh && isHole && isRegular)
                memory.Map[page].Flags &= ~PageFlags.Uptodate;
            // A page that is not cached is read first, as for any change of a part of it, and so is one whose last read
            // has failed.
            if (!isHole && (isFresh || (!wasRead && files.HasReadError(page) && !files.IsBeingRead(page))))
            {
                files.StartRead(mapping, index, page);
                wasRead = true;
            }

            if (!files.IsBeingRead(page))
                break;
            call.WaitsFor = page;
            yield return PageLookup.Wait;
        }

        if (isHole)
            yield break;
        if (files.HasReadError(page))
        {
            if (isRegular)
                call.ReadError = Errno.EIO;
            yield break;
        }

        int offset = (int)(start & memory.Geometry.PageOffsetMask);
        byte[] zeros = new byte[end - start];
        if (memory.Mutant != Mutant.M80)
            memory.Ram.WriteBytes(page, offset, zeros);
        files.MarkDirty(mapping, page);
        files.AnnounceZeros(observer, mapping, index, page, offset, zeros.Length);
    }

    private static bool ToBeZeroed(Inode inode, uint index, bool isHole) =>
        FilePages.IsSwapped(inode.Mapping, index)
        || (inode.Kind == InodeKind.Regular
            && (isHole || inode.Store.Has(index) || inode.Extents.TryFind(index, out _)));

    // No block on the disk that was written, and none promised to a dirty page.
    private static bool IsHole(Inode inode, uint index) => inode.Kind == InodeKind.Regular
        && inode.Blocks.StateOf(index, out _) != BlockState.Written;
}
