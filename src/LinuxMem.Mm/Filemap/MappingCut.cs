using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Takes pages of a file away from all who map them: what truncation, hole punching and writeback have in common.
/// </summary>
/// <remarks>
/// Linux: mm/memory.c: unmap_mapping_range; mm/truncate.c: truncate_inode_pages_range; mm/rmap.c: folio_mkclean, v6.18.
/// The mappings of a file are found by a walk over the address spaces: only what changes under a mapping pays for it.
/// </remarks>
public sealed partial class MappingCut
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly MmLifecycle lifecycle;
    private readonly FilePages files;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public MappingCut(
        KernelMemory memory, PageMapper mapper, MmLifecycle lifecycle, FilePages files, IMmObserver observer)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.lifecycle = lifecycle;
        this.files = files;
        this.observer = observer;
    }

    /// <summary>
    /// Unmaps the pages from one index on, up to and without another, wherever they are mapped; private copies of them
    /// too if asked for (truncation does, hole punching does not).
    /// </summary>
    public void Unmap(AddressSpace mapping, ulong first, ulong end, bool copiesToo, TrapPoint at, ref WorkCost cost)
    {
        memory.Locks.WalksRmap(mapping);
        int left = mapping.VmaCount;
        foreach (Mm mm in lifecycle.Live)
        {
            if (left == 0)
                return;
            MmuGather? gather = null;
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null && left > 0; vma = vma.Next)
            {
                if (vma.Mapping != mapping)
                    continue;
                left--;
                if (!Overlap(vma, first, end, out ulong start, out ulong stop))
                    continue;
                if (memory.Mutant == Mutant.M124)
                    left = 0;
                if (gather is null)
                {
                    mm.UpdateHiwaterRss();
                    gather = memory.Coherence.Begin(mm);
                }

                if (copiesToo)
                    mapper.Zap(mm, start, stop, vma.Flags, gather, at, ref cost);
                else
                    ZapShared(mm, start, stop, vma.Flags, gather, at, ref cost);
            }

            if (gather is not null)
                cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        }
    }

    /// <summary>
    /// Takes the cached pages from one index on, up to and without another, out of the page cache. Precondition:
    /// nothing maps them. With <paramref name="stays"/> the disk keeps what it has of them, and what is not on it is
    /// lost. At its end none is cached: after a wait it begins anew, as somebody may have had pages read that it had
    /// dropped, where Linux keeps faults out by the file's invalidate_lock.
    /// </summary>
    public IEnumerator<PageLookup> DropPages(
        CallProgress call, AddressSpace mapping, ulong first, ulong end, bool stays = false)
    {
        ulong from = first;
        files.DropSwapped(mapping, first, end);
        while (mapping.Pages > 0 && first < end && first <= uint.MaxValue)
        {
            yield return new PageLookup(mapping, (uint)first, PageLookup.BatchPages, Present: true);
            int count = 0;
            for (; count < call.Pages.Length && call.Pages[count] != 0; count++)
            {
                var page = new Pfn(call.Pages[count]);
                uint index = memory.Map[page].Index;
                if (index >= end)
                    yield break;
                if (files.IsUnderWay(page))
                {
                    call.WaitsFor = page;
                    break;
                }

                // While the call waited for an I/O it may have been mapped again.
                if (memory.Map[page].MapCount > 0)
                    Unmap(mapping, index, index + 1UL, copiesToo: false, call.At, ref call.Cost);
                if (stays && (memory.Map[page].Flags & PageFlags.Dirty) != 0)
                    files.Lose(mapping, index);
                files.Remove(mapping, page, call.At.Cpu);
                call.Cost.UnmappedPages++;
                first = index + 1UL;
            }

            if (!call.WaitsFor.IsNone)
            {
                yield return PageLookup.Wait;
                first = from;
            }
            else if (count < PageLookup.BatchPages)
            {
                yield break;
            }
        }
    }

    /// <summary>
    /// The same for all from one byte on, but for what a large folio keeps. Precondition: nothing maps whole pages
    /// behind that.
    /// </summary>
    public IEnumerator<PageLookup> DropFrom(CallProgress call, Inode inode, ulong start)
    {
        var cut = new FolioCut(memory, files, this, observer);
        for (var steps = cut.Run(call, inode.Mapping, start, ulong.MaxValue); steps.MoveNext();)
            yield return steps.Current;
        for (var drop = DropPages(call, inode.Mapping, cut.First, ulong.MaxValue); drop.MoveNext();)
            yield return drop.Current;
        for (var clear = cut.Clear(call, inode.Mapping); clear.MoveNext();)
            yield return clear.Current;
    }

    /// <summary>
    /// Makes a file as long as told: what lies beyond is unmapped, private copies too, and dropped; the rest of the
    /// last page is zeroed.
    /// </summary>
    /// <remarks>Linux: mm/truncate.c: truncate_setsize, truncate_pagecache; fs/ext4/inode.c: ext4_setattr, v6.18.
    /// </remarks>
    public IEnumerator<PageLookup> SetSize(CallProgress call, Inode inode, ulong bytes)
    {
        ulong old = inode.SizeBytes;
        ulong edge = Math.Min(old, bytes);
        inode.SizeBytes = bytes;
        inode.IsSizeKnown = true;
        if (inode.Huge is { } huge)
            huge.Truncate(bytes >> huge.Pool.Shift);
        call.IsUninterruptible = true;
        if (bytes < old)
        {
            ulong first = inode.EndIndex;
            bool copiesToo = memory.Mutant != Mutant.M140;
            Unmap(inode.Mapping, first, ulong.MaxValue, copiesToo, call.At, ref call.Cost);
            // Private copies are gone before the call waits for pages that are being written.
            observer.ObjectCut(inode.Mapping, first, ulong.MaxValue, copiesToo: true);
            for (var drop = DropFrom(call, inode, bytes); drop.MoveNext();)
                yield return drop.Current;
            inode.Store.Punch(first, uint.MaxValue + 1UL);
            files.Buffers?.Forget(inode, first, ulong.MaxValue, call.At.Cpu);
            inode.Extents.Cut(first, ulong.MaxValue);
            observer.ObjectCut(inode.Mapping, first, ulong.MaxValue, copiesToo: true, isHole: true);
            memory.Io?.Durability?.Forget(inode.Number, first, ulong.MaxValue);
        }

        // Blocks beyond the end that fallocate took are given back by any call that does not make the file longer.
        if (bytes <= old)
            inode.Blocks.Cut(inode.EndIndex, ulong.MaxValue);
        ulong mask = memory.Geometry.PageOffsetMask;
        if ((edge & mask) != 0 && (bytes < old || inode.Kind == InodeKind.Regular))
        {
            for (var zero = ZeroPart(call, inode, edge, (edge | mask) + 1); zero.MoveNext();)
                yield return zero.Current;
            // Linux does not look whether that went well.
            call.ReadError = Errno.None;
        }

        call.IsUninterruptible = false;
    }

    /// <summary>
    /// Makes a range of a file a hole: whole pages are unmapped, but for private copies, and dropped; the rest of the
    /// pages at its edges is zeroed. The call's ReadError says whether an edge could not be read (EIO, ENOMEM): it
    /// keeps its bytes then, and the disk its blocks, but where zeros were asked for
    /// (<paramref name="zeroes"/>).
    /// </summary>
    /// <remarks>Linux: fs/ext4/inode.c: ext4_punch_hole; fs/ext4/extents.c: ext4_zero_range; mm/shmem.c:
    /// shmem_fallocate, v6.18; also MADV_REMOVE.</remarks>
    public IEnumerator<PageLookup> PunchHole(CallProgress call, Inode inode, ulong start, ulong end,
        bool zeroes = false)
    {
        if (inode.Kind == InodeKind.Regular && !zeroes)
        {
            if (start >= inode.SizeBytes)
                yield break;
            // The last page belongs to the hole as a whole where it reaches the end of the file.
            if (end >= inode.SizeBytes)
                end = inode.EndIndex << inode.PageShift;
        }

        if (inode.Huge is { } huge)
            huge.Punch((start + huge.Pool.Bytes - 1) >> huge.Pool.Shift, end >> huge.Pool.Shift);
        ulong mask = memory.Geometry.PageOffsetMask;
        ulong first = (start + mask) >> inode.PageShift;
        ulong last = end >> inode.PageShift;
        if (first < last)
            Unmap(inode.Mapping, first, last, copiesToo: false, call.At, ref call.Cost);
        call.IsUninterruptible = true;
        var cut = new FolioCut(memory, files, this, observer);
        for (var steps = cut.Run(call, inode.Mapping, start, end); steps.MoveNext();)
            yield return steps.Current;
        call.IsUninterruptible = false;
        // The edges come first, since what becomes of the pages between depends on them.
        if ((start & mask) != 0)
        {
            ulong upTo = Math.Min(first << inode.PageShift, end);
            for (var zero = ZeroPart(call, inode, start, upTo); zero.MoveNext();)
                yield return zero.Current;
        }

        if ((end & mask) != 0 && first <= last && call.ReadError == Errno.None)
        {
            for (var zero = ZeroPart(call, inode, last << inode.PageShift, end); zero.MoveNext();)
                yield return zero.Current;
        }

        if (first < last)
        {
            bool stays = call.ReadError != Errno.None && !zeroes;
            for (var drop = DropRange(call, inode, first, last, cut, stays); drop.MoveNext();)
                yield return drop.Current;
        }
    }

    private IEnumerator<PageLookup> DropRange(
        CallProgress call, Inode inode, ulong first, ulong last, FolioCut cut, bool stays)
    {
        Unmap(inode.Mapping, first, last, copiesToo: false, call.At, ref call.Cost);
        call.IsUninterruptible = true;
        for (var drop = DropPages(call, inode.Mapping, cut.First, cut.Last, stays); drop.MoveNext();)
            yield return drop.Current;
        for (var clear = cut.Clear(call, inode.Mapping, stays); clear.MoveNext();)
            yield return clear.Current;
        call.IsUninterruptible = false;
        if (stays)
            yield break;
        inode.Store.Punch(first, last);
        files.Buffers?.Forget(inode, first, last, call.At.Cpu);
        inode.Extents.Cut(first, last);
        inode.Blocks.Cut(first, last);
        // What a large folio kept of it is cached yet.
        observer.ObjectCut(inode.Mapping, first, last, copiesToo: false, isHole: inode.Mapping.Pages == 0);
        memory.Io?.Durability?.Forget(inode.Number, first, last);
    }

    /// <summary>
    /// Takes the right to write a page, and its dirty bits, from all who share it, so that the next store is heard of.
    /// Returns whether other CPUs may store to it until they have got an interrupt.
    /// </summary>
    public bool WriteProtect(AddressSpace mapping, ulong first, ulong end, TrapPoint at, ref WorkCost cost)
    {
        long waitNs = 0;
        bool isLate = false;
        int left = mapping.VmaCount;
        ulong page = memory.Geometry.PageBytes;
        ulong bits = memory.Geometry.Format.Write | memory.Geometry.Format.Dirty;
        foreach (Mm mm in lifecycle.Live)
        {
            MmuGather? gather = null;
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null && left > 0; vma = vma.Next)
            {
                if (vma.Mapping != mapping)
                    continue;
                left--;
                bool shared = (vma.Flags & VmFlags.Shared) != 0;
                if (!shared || !Overlap(vma, first, end, out ulong start, out ulong stop))
                    continue;
                // What somebody else has just protected, CPUs may store to yet. Linux has him hold the page's lock.
                isLate |= at.NowNs < mm.FlushingUntilNs;
                for (ulong va = start; va < stop; va += page)
                {
                    PteSlot slot = memory.Tables.Find(mm, va);
                    ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
                    if (!mapper.IsMapped(entry) || (entry & bits) == 0)
                        continue;
                    gather ??= memory.Coherence.Begin(mm);
                    mapper.Set(mm, slot, va, entry & ~bits, at);
                    gather.Touch(va >> memory.Geometry.PageShift);
                }
            }

            if (gather is not null)
                waitNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        }

        cost.FixedNs += waitNs;
        return waitNs > 0 || isLate;
    }

    // Only the object's own pages go: private copies stay (zap_details.even_cows is off).
    private void ZapShared(
        Mm mm, ulong start, ulong end, VmFlags of, MmuGather gather, TrapPoint at, ref WorkCost cost)
    {
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if (!mapper.IsMapped(entry) || memory.Map[mapper.PfnOf(entry)].Place == FramePlace.Anon)
                continue;
            mapper.Zap(mm, va, va + memory.Geometry.PageBytes, of, gather, at, ref cost);
        }
    }

    private bool Overlap(Vma vma, ulong first, ulong end, out ulong start, out ulong stop)
    {
        int shift = memory.Geometry.PageShift;
        ulong vmaEnd = vma.PgOff + vma.SpanPages;
        ulong from = Math.Max(first, vma.PgOff);
        ulong to = Math.Min(end, vmaEnd);
        start = from < to ? vma.Start + ((from - vma.PgOff) << shift) : 0;
        stop = from < to ? vma.Start + ((to - vma.PgOff) << shift) : 0;
        return from < to;
    }
}
