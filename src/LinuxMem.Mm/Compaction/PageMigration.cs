using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Compaction;

/// <summary>Moves pages to other frames: contents, entries of page tables, place in the page cache, flags.</summary>
/// <remarks>
/// Linux: mm/migrate.c: migrate_folio_unmap, remove_migration_ptes, folio_migrate_flags, v6.18. There entries that say
/// "under migration" keep accesses away while TLBs are flushed. Here it happens at a kernel step, when every CPU has
/// come exactly as far and what it stored is in RAM: the entry names the new frame and TLBs forget the old one between
/// two accesses, and no access ever waits. The old frame is free when every TLB has forgotten it (I17).
/// </remarks>
public sealed class PageMigration
{
    private readonly KernelMemory memory;
    private readonly RmapWalk rmap;
    private readonly FilePages files;
    private readonly Func<int, AddressSpace?> mappingOf;
    private readonly PteFormat format;
    private readonly List<RmapEntry> entries = [];
    private readonly SortedDictionary<int, (Mm Mm, MmuGather Gather)> gathers = [];

    /// <summary>Over one machine's memory.</summary>
    public PageMigration(KernelMemory memory, RmapWalk rmap, FilePages files, Func<int, AddressSpace?> mappingOf)
    {
        this.memory = memory;
        this.rmap = rmap;
        this.files = files;
        this.mappingOf = mappingOf;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Whether a page may be moved: it is on a list of page replacement, nobody but page tables and its cache refers to
    /// it, no I/O is under way or has failed. Pages that are in swap too and blocks of disks stay where they are.
    /// </summary>
    public bool MayMove(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        const PageFlags stays = PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim | PageFlags.SwapCached
            | PageFlags.ZeroPage | PageFlags.Reserved | PageFlags.HwPoison;
        bool isAlone = frame.RefCount == frame.MapCount + KernelMemory.CacheReferences(frame);
        if (memory.Mutant == Mutant.M121 && (frame.Flags & PageFlags.Writeback) != 0)
            (isAlone, frame.Flags) = (true, frame.Flags & ~PageFlags.Writeback);
        return (frame.Flags & (stays | PageFlags.Lru)) == PageFlags.Lru && frame.Order == 0
            && frame.Place is FramePlace.Anon or FramePlace.Shmem or FramePlace.File
            && (frame.Flags & PageFlags.Uptodate) != 0
            && isAlone;
    }

    /// <summary>
    /// Moves a page to a frame that was taken from the free lists. False, and nothing done, if it cannot be moved.
    /// Precondition: <see cref="MayMove"/>; this is a kernel step.
    /// </summary>
    /// <param name="from">The page.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="poisons">Whether the frame that it leaves is never to be used again.</param>
    public bool Move(Pfn from, Pfn to, bool poisons = false)
    {
        AddressSpace? mapping = null;
        if (memory.Map[from].Place != FramePlace.Anon)
        {
            mapping = mappingOf(memory.Map[from].Owner);
            if (mapping?.Host is null or { Kind: InodeKind.BlockDevice })
                return false;
        }

        rmap.Find(from, entries);
        // A CPU may still see the table as it was before somebody else's change: the old frame may be in that.
        foreach (RmapEntry entry in entries)
        {
            if (entry.Mm.Context.History.Count > 0)
                return false;
        }

        memory.Allocator.UseTaken(to, memory.Map[from].Place);
        if (memory.Mutant != Mutant.M107)
            memory.Ram.CopyData(from, to);
        memory.Lru!.Replace(from, to);
        if (memory.Mutant != Mutant.M105)
            memory.Groups?.Migrate(from, to);
        MoveDescriptor(from, to);
        if (mapping is not null)
            files.Replace(mapping, from, to);
        foreach (RmapEntry entry in entries)
        {
            Remap(entry, from, to);
            if (memory.Mutant == Mutant.M139)
                break;
        }

        Release(from, poisons);
        return true;
    }

    /// <summary>Lets TLBs forget the frames that were moved from, at once.</summary>
    public void Finish(long nowNs)
    {
        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            memory.Coherence.Finish(mm, gather, -1, nowNs, atOnce: true);
        gathers.Clear();
    }

    private void MoveDescriptor(Pfn from, Pfn to)
    {
        PageFrame old = memory.Map[from];
        ref PageFrame fresh = ref memory.Map[to];
        fresh.RefCount = old.RefCount;
        fresh.MapCount = old.MapCount;
        fresh.Owner = old.Owner;
        fresh.Index = memory.Mutant == Mutant.M108 ? 0 : old.Index;
        if (memory.Mutant == Mutant.M106)
            fresh.Flags &= ~PageFlags.Dirty;
    }

    // All that the entry says stays, but for the frame.
    private void Remap(in RmapEntry mapping, Pfn from, Pfn to)
    {
        Mm mm = mapping.Mm;
        if (!gathers.TryGetValue(mm.Id, out (Mm Mm, MmuGather Gather) batch))
        {
            batch = (mm, memory.Coherence.Begin(mm));
            gathers.Add(mm.Id, batch);
        }

        ulong entry = (mapping.Entry & ~format.PfnMask) | (format.Make(to.Value, 0) & format.PfnMask);
        memory.Tables.Write(mapping.Slot, entry);
        if (memory.Mutant != Mutant.M75)
            batch.Gather.Touch(mapping.Va >> memory.Geometry.PageShift);
        batch.Gather.Frames.Add(from);
    }

    // Each address space that mapped it holds it until its TLB entries are gone.
    private void Release(Pfn from, bool poisons)
    {
        ref PageFrame old = ref memory.Map[from];
        old.MapCount = 0;
        old.RefCount = entries.Count;
        old.Flags = poisons ? PageFlags.HwPoison : PageFlags.None;
        old.Place = FramePlace.Isolated;
        if (entries.Count > 0)
            return;
        old.RefCount = 1;
        memory.PutPage(from, 0);
    }
}
