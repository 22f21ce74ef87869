using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Vmas;

// Filling a hole: mmap, and brk upwards.
public sealed partial class VmaSet
{
    /// <summary>Maps a hole: extends a neighbour, joins both, or adds a VMA. O(log n).</summary>
    /// <remarks>Linux: mm/vma.c: vma_merge_new_range, __mmap_new_vma, v6.18.</remarks>
    /// <param name="start">First address.</param>
    /// <param name="end">First address beyond; both are whole pages, and nothing is mapped between.</param>
    /// <param name="flags">Rights and treatment.</param>
    /// <param name="pgOff">
    /// Index of the first page in the object; for private anonymous memory <paramref name="start"/> in pages.
    /// </param>
    /// <param name="mapping">The object, or null for private anonymous memory.</param>
    /// <param name="name">Name of a special mapping, or null.</param>
    /// <param name="file">The open file, or null.</param>
    /// <returns>The VMA that now covers the range, and perhaps more.</returns>
    public Vma Map(ulong start, ulong end, VmFlags flags, ulong pgOff, AddressSpace? mapping, string? name,
        OpenFile? file = null)
    {
        (bool left, bool right) = Merges(start, end, flags, pgOff, mapping, name, file);
        return MapHole(start, end, flags, pgOff, mapping, name, file, left, right);
    }

    /// <summary>The same where memory for VMAs may be out: null then, and nothing has changed.</summary>
    public Vma? TryMap(ulong start, ulong end, VmFlags flags, ulong pgOff, AddressSpace? mapping, string? name,
        OpenFile? file = null)
    {
        (bool left, bool right) = Merges(start, end, flags, pgOff, mapping, name, file);
        bool fails = faults?.Injector is not null && ((left || right)
            ? Fails(FaultSite.VmaPrealloc)
            : Fails(FaultSite.VmAreaAlloc) || Fails(FaultSite.VmaPrealloc));
        if (!fails)
            return MapHole(start, end, flags, pgOff, mapping, name, file, left, right);
        // Linux then tries a VMA of its own, which stays beside the one that it could be part of.
        if ((!left && !right) || Fails(FaultSite.VmAreaAlloc) || Fails(FaultSite.VmaPrealloc))
            return null;
        Vma alone = MapHole(start, end, flags, pgOff, mapping, name, file, left: false, right: false);
        MarkUnmerged(alone);
        MarkUnmerged(alone.NextVma);
        return alone;
    }

    private (bool Left, bool Right) Merges(ulong start, ulong end, VmFlags flags, ulong pgOff, AddressSpace? mapping,
        string? name, OpenFile? file)
    {
        Vma? next = Tree.Find(start);
        Vma? prev = next is null ? Tree.Last : next.PrevVma;
        KernelBug.Assert(start < end && (next is null || next.Start >= end), "I21: a new mapping fills a hole");
        bool left = prev is not null && prev.End == start && prev.PageIndexOf(start) == pgOff
            && VmaMergeRules.SameKind(prev, flags, mapping, name, file)
            && VmaMergeRules.CanShare(null, prev.AnonVma);
        bool right = next is not null && next.Start == end && pgOff + ((end - start) >> Tree.PageShift) == next.PgOff
            && VmaMergeRules.SameKind(next, flags, mapping, name, file)
            && VmaMergeRules.CanShare(null, next.AnonVma)
            && (!left || VmaMergeRules.CanBridge(prev!.AnonVma, next.AnonVma));
        return (left, right);
    }

    private Vma MapHole(ulong start, ulong end, VmFlags flags, ulong pgOff, AddressSpace? mapping, string? name,
        OpenFile? file, bool left, bool right)
    {
        Vma? next = Tree.Find(start);
        Vma? prev = next is null ? Tree.Last : next.PrevVma;
        counters.Add(flags, (end - start) >> Tree.PageShift);
        Vma vma;
        if (left)
        {
            vma = prev!;
            Absorb(vma, vma.Start, right ? next!.End : end, right ? next : null, null);
        }
        else if (right)
        {
            vma = next!;
            SetBounds(vma, start, vma.End);
        }
        else
        {
            vma = new Vma(Tree.PageShift, start, end, flags, pgOff, mapping, name, file);
            Link(vma);
        }
        vma.Flags |= flags; // only sticky flags can be news
        return vma;
    }

    /// <summary>Maps what brk adds to the heap. O(log n).</summary>
    /// <remarks>
    /// Linux: mm/vma.c: do_brk_flags, v6.18. It extends the VMA below if that is part of the heap, and joins nothing
    /// else: the first pages of the heap stay apart from a bss that they could merge with.
    /// </remarks>
    /// <param name="start">The old break, whole pages.</param>
    /// <param name="end">The new break, whole pages; nothing is mapped between.</param>
    /// <param name="flags">Rights and treatment of heap memory.</param>
    /// <param name="startBrk">Where the heap begins.</param>
    /// <returns>The VMA that now covers the range, and perhaps more; null if memory for it is out.</returns>
    public Vma? MapBrk(ulong start, ulong end, VmFlags flags, ulong startBrk)
    {
        ulong pgOff = start >> Tree.PageShift;
        Vma? next = Tree.Find(start);
        Vma? vma = next is null ? Tree.Last : next.PrevVma;
        KernelBug.Assert(start < end && (next is null || next.Start >= end), "I21: a new mapping fills a hole");

        if (vma is not null && start > startBrk && vma.End == start && vma.PageIndexOf(start) == pgOff
            && VmaMergeRules.SameKind(vma, flags, null, null, null) && VmaMergeRules.CanShare(null, vma.AnonVma))
        {
            if (Fails(FaultSite.VmaPrealloc))
                return null;
            SetBounds(vma, vma.Start, end);
            vma.Flags |= flags;
        }
        else
        {
            if (Fails(FaultSite.VmAreaAlloc) || Fails(FaultSite.VmaPrealloc))
                return null;
            vma = new Vma(Tree.PageShift, start, end, flags, pgOff, null, null);
            Link(vma);
            if (start <= startBrk)
                MarkUnmerged(vma);
        }
        counters.Add(flags, (end - start) >> Tree.PageShift);
        MarkUnmerged(vma.NextVma);
        return vma;
    }

    // Lets a VMA take over ranges up to new bounds, and with them the anon_vma of what it swallows.
    private void Absorb(Vma vma, ulong start, ulong end, Vma? swallowed, Vma? alsoSwallowed)
    {
        if (swallowed is not null)
        {
            Reshapes++;
            vma.AnonVma ??= swallowed.AnonVma;
            vma.Flags |= swallowed.Flags & VmFlags.Sticky;
            Unlink(swallowed);
        }
        if (alsoSwallowed is not null)
        {
            vma.AnonVma ??= alsoSwallowed.AnonVma;
            vma.Flags |= alsoSwallowed.Flags & VmFlags.Sticky;
            Reshapes++;
            Unlink(alsoSwallowed);
        }
        SetBounds(vma, start, end);
    }

    // New bounds, with the index of the first page moved along.
    private void SetBounds(Vma vma, ulong start, ulong end)
    {
        if (start != vma.Start)
        {
            vma.PgOff = start < vma.Start
                ? vma.PgOff - ((vma.Start - start) >> Tree.PageShift)
                : vma.PgOff + ((start - vma.Start) >> Tree.PageShift);
            vma.LeftUnmerged = false;
        }
        Tree.Resize(vma, start, end);
    }

    private void Link(Vma vma)
    {
        Tree.Insert(vma);
        vma.Enter(this);
        vma.File?.Get();
        if (vma.Mapping is { } mapping)
            mapping.VmaCount++;
    }

    private void Unlink(Vma vma)
    {
        Tree.Remove(vma);
        vma.Leave();
        vma.Mapping?.Unmapped(vma.File);
    }

    // A VMA like another, over a part of it, in no tree yet.
    private Vma Duplicate(Vma vma, ulong start, ulong end) =>
        new(Tree.PageShift, start, end, vma.Flags, vma.PageIndexOf(start) + Slip(vma, start),
            vma.Mapping, vma.Name, vma.File)
        {
            AnonVma = vma.AnonVma,
            Special = vma.Special,
            HugeReserve = vma.HugeReserve,
            Policy = vma.Policy,
            SwapTrail = vma.SwapTrail,
        };

    private ulong Slip(Vma vma, ulong start) => Mutant == Mutant.M81 && start != vma.Start ? 1UL : 0;

    private static void MarkUnmerged(Vma? vma)
    {
        if (vma is not null)
            vma.LeftUnmerged = vma.PrevVma is { } prev && VmaMergeRules.CanMerge(prev, vma);
    }
}
