using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit what pages of files hold, and what their files say of them.</summary>
internal sealed class FileSnapshot
{
    private readonly List<(uint Index, Pfn Page)> dirty = [];
    private readonly HashSet<ulong> marked = [];
    private byte[] onDisk = [];
    private byte[] inMemory = [];

    /// <summary>Completes the records of cached pages. Precondition: the snapshot has them.</summary>
    public void Fill(Mm.Kernel kernel, MachineSnapshot into)
    {
        if (onDisk.Length == 0)
        {
            onDisk = new byte[kernel.Memory.Geometry.PageBytes];
            inMemory = new byte[onDisk.Length];
        }

        CollectMarks(kernel);
        foreach (ref CachePageRecord record in into.CachePages.Items)
        {
            if (kernel.Objects.ById(record.MappingId) is not { Host: { } inode, IsShmem: false } mapping)
                continue;
            record.HasMarks = inode.IsOnDisk;
            record.IsMarkedDirty = marked.Contains(((ulong)record.MappingId << 32) | record.Pfn);
            const PageFlags busy = PageFlags.Dirty | PageFlags.Locked | PageFlags.Writeback;
            PageFlags flags = kernel.Memory.Map[new Pfn(record.Pfn)].Flags;
            record.IsClean = (flags & busy) == 0 && (flags & PageFlags.Uptodate) != 0 && mapping.Pages > 0
                && !kernel.IsLost(record.MappingId, record.Index);
            record.HoldsTheSame = record.IsClean && HoldsTheSame(kernel, inode, in record);
        }

        into.ZeroPageIsZero = IsZero(kernel.Memory);
    }

    private void CollectMarks(Mm.Kernel kernel)
    {
        marked.Clear();
        foreach (AddressSpace mapping in kernel.Objects.All)
        {
            if (mapping.Writes is not { DirtyCount: > 0 } writes)
                continue;
            dirty.Clear();
            writes.TakeDirty(0, ulong.MaxValue, int.MaxValue, dirty);
            foreach ((_, Pfn page) in dirty)
                marked.Add(((ulong)mapping.Id << 32) | page.Value);
        }
    }

    private bool HoldsTheSame(Mm.Kernel kernel, Inode inode, in CachePageRecord record)
    {
        KernelMemory memory = kernel.Memory;
        uint index = record.Index;
        // A block of the disk may be the data of a file, and then the file's page is as good as the block is.
        Pfn block = kernel.Buffers?.FindData(inode, index) ?? Pfn.None;
        if (inode.Kind == InodeKind.BlockDevice && kernel.Buffers?.OwnerOf(index) is { } owner)
            (inode, index) = owner;
        ulong offset = (ulong)index << memory.Geometry.PageShift;
        ulong length = inode.IsSizeKnown ? Math.Min(inode.SizeBytes - Math.Min(offset, inode.SizeBytes),
            (ulong)onDisk.Length) : (ulong)onDisk.Length;
        var page = new Pfn(record.Pfn);
        if (length == 0 || memory.Ram.Contents == ContentMode.None)
            return true;
        if (!block.IsNone)
            return IsEqual(memory, block, page, (int)length);
        if (memory.Ram.Contents == ContentMode.Tags)
            return inode.Store.ReadTag(index) == memory.Ram.ReadWord(page, 0);
        if (!inode.Store.Read(index, onDisk))
            Array.Clear(onDisk);
        memory.Ram.ReadBytes(page, 0, inMemory);
        return onDisk.AsSpan(0, (int)length).SequenceEqual(inMemory.AsSpan(0, (int)length));
    }

    private bool IsEqual(KernelMemory memory, Pfn one, Pfn other, int length)
    {
        if (memory.Ram.Contents != ContentMode.Bytes)
            return memory.Ram.Contents == ContentMode.None
                || memory.Ram.ReadWord(one, 0) == memory.Ram.ReadWord(other, 0);
        memory.Ram.ReadBytes(one, 0, onDisk);
        memory.Ram.ReadBytes(other, 0, inMemory);
        return onDisk.AsSpan(0, length).SequenceEqual(inMemory.AsSpan(0, length));
    }

    private bool IsZero(KernelMemory memory)
    {
        if (memory.Ram.Contents == ContentMode.None)
            return true;
        if (memory.Ram.Contents == ContentMode.Tags)
            return memory.Ram.ReadWord(memory.ZeroPage, 0) == 0;
        memory.Ram.ReadBytes(memory.ZeroPage, 0, inMemory);
        return !inMemory.AsSpan().ContainsAnyExcept((byte)0);
    }
}
