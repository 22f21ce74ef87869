using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Filemap;

/// <summary>Writes dirty pages of files to the disk: fsync, msync, sync_file_range, the flusher.</summary>
/// <remarks>
/// Linux: mm/page-writeback.c: write_cache_pages, folio_clear_dirty_for_io; mm/rmap.c: folio_mkclean, v6.18. A page
/// that is written is read-only again in every shared mapping: the next store to it is a fault. On a machine without
/// disks a page is written at once; else it is in writeback until the disk has it, and may be made dirty meanwhile.
/// </remarks>
public sealed class Writeback
{
    private const int PagesAtOnce = 256;
    private readonly KernelMemory memory;
    private readonly FilePages files;
    private readonly MappingCut cuts;
    private readonly List<(uint Index, Pfn Page)> batch = [];

    /// <summary>Over one machine's memory.</summary>
    public Writeback(KernelMemory memory, FilePages files, MappingCut cuts)
    {
        this.memory = memory;
        this.files = files;
        this.cuts = cuts;
    }

    /// <summary>
    /// Writes the dirty pages from one index on, up to and without another, and waits until the disk has them, and
    /// those that were being written before. Shared memory has no disk: nothing is done.
    /// </summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Inode inode, ulong first, ulong end)
    {
        if (inode.Mapping.Folios is { } folios)
            (first, end) = folios.Widen(first, end);
        if (!inode.IsOnDisk)
            return RunAtOnce(call, inode, first, end);
        return files.Buffers is { HoldsData: true } && inode.Kind == InodeKind.Regular
            ? RunWithBuffers(call, inode, first, end) : RunOnDisk(call, inode, first, end);
    }

    /// <summary>The same without waiting (WB_SYNC_NONE): pages that are being written stay dirty.</summary>
    public IEnumerator<PageLookup> Begin(CallProgress call, Inode inode, ulong first, ulong end)
    {
        if (inode.Mapping.Folios is { } folios)
            (first, end) = folios.Widen(first, end);
        if (!inode.IsOnDisk)
            return RunAtOnce(call, inode, first, end);
        StartAll(call, inode, first, end, out _);
        return Enumerable.Empty<PageLookup>().GetEnumerator();
    }

    /// <summary>Waits for the pages of a range that are being written.</summary>
    public static IEnumerator<PageLookup> Wait(CallProgress call, Inode inode, ulong first, ulong end)
    {
        while (inode.Mapping.Writes?.FirstWriting(first, end) is { IsNone: false } busy)
        {
            call.WaitsFor = busy;
            yield return PageLookup.Wait;
        }
    }

    /// <summary>
    /// Begins to write dirty pages of a file on a disk, from one index on, up to and without another.
    /// </summary>
    /// <param name="mapping">The file.</param>
    /// <param name="first">The first index; afterwards the one behind the last page that was looked at.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="most">How many pages at most.</param>
    /// <param name="at">Where and when.</param>
    /// <param name="cost">Takes in what was done.</param>
    /// <param name="hasBusy">Whether dirty pages were left out, since they are being written already.</param>
    /// <returns>How many.</returns>
    public int Start(AddressSpace mapping, ref ulong first, ulong end, int most, TrapPoint at, ref WorkCost cost,
        out bool hasBusy)
    {
        batch.Clear();
        hasBusy = false;
        mapping.Writes?.TakeDirty(first, end, most, batch);
        first = batch.Count == 0 ? end : batch[^1].Index + 1UL;
        hasBusy = batch.RemoveAll(page => files.IsUnderWay(page.Page)) > 0;
        for (int i = 0; i < batch.Count;)
        {
            int from = i;
            bool mapped = false;
            for (; i < batch.Count && batch[i].Index == batch[from].Index + (uint)(i - from); i++)
                mapped |= memory.Map[batch[i].Page].MapCount > 0;
            if (mapped && memory.Mutant != Mutant.M47)
                cuts.WriteProtect(mapping, batch[from].Index, batch[i - 1].Index + 1UL, at, ref cost);
        }

        if (batch.Count > 0)
            files.StartWrites(mapping, batch);
        return batch.Count;
    }

    private IEnumerator<PageLookup> RunOnDisk(CallProgress call, Inode inode, ulong first, ulong end)
    {
        StartAll(call, inode, first, end, out bool hasBusy);
        for (var wait = Wait(call, inode, first, end); wait.MoveNext();)
            yield return wait.Current;
        if (!hasBusy)
            yield break;
        // What was made dirty again while it was written.
        StartAll(call, inode, first, end, out _);
        for (var wait = Wait(call, inode, first, end); wait.MoveNext();)
            yield return wait.Current;
    }

    private void StartAll(CallProgress call, Inode inode, ulong first, ulong end, out bool hasBusy)
    {
        hasBusy = false;
        while (first < end)
        {
            Start(inode.Mapping, ref first, end, PagesAtOnce, call.At, ref call.Cost, out bool busy);
            hasBusy |= busy;
        }
    }

    // Pages that mappings have changed, then the blocks that calls have written. Linux: fs/ext2/fsync.c, v2.0.
    private IEnumerator<PageLookup> RunWithBuffers(CallProgress call, Inode inode, ulong first, ulong end)
    {
        for (var steps = RunOnDisk(call, inode, first, end); steps.MoveNext();)
            yield return steps.Current;
        Inode device = files.Buffers!.Device;
        uint[] blocks = [.. files.Buffers.BlocksOf(inode)];
        foreach (uint block in blocks)
        {
            ulong from = block;
            Start(device.Mapping, ref from, block + 1UL, 1, call.At, ref call.Cost, out _);
        }

        foreach (uint block in blocks)
        {
            for (var steps = RunOnDisk(call, device, block, block + 1UL); steps.MoveNext();)
                yield return steps.Current;
        }
    }

    private IEnumerator<PageLookup> RunAtOnce(CallProgress call, Inode inode, ulong first, ulong end)
    {
        while (inode.Kind == InodeKind.Regular && inode.Mapping.Pages > 0 && first < end && first <= uint.MaxValue)
        {
            yield return new PageLookup(inode.Mapping, (uint)first, PageLookup.BatchPages, Present: true);
            int count = 0;
            for (; count < call.Pages.Length && call.Pages[count] != 0; count++)
            {
                var page = new Pfn(call.Pages[count]);
                PageFrame frame = memory.Map[page];
                if (frame.Index >= end)
                    yield break;
                first = frame.Index + 1UL;
                if ((frame.Flags & PageFlags.Dirty) == 0)
                    continue;
                // Other CPUs may store to it until they have the interrupt: it stays dirty, and is written once more.
                if (frame.MapCount > 0
                    && cuts.WriteProtect(inode.Mapping, frame.Index, first, call.At, ref call.Cost))
                    files.Store(inode, page);
                else
                    files.WriteBack(inode, page);
            }

            if (count < PageLookup.BatchPages)
                yield break;
        }
    }
}
