using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Rmap;

/// <summary>Finds the page-table entries that map a frame, from what the frame belongs to (invariant I12).</summary>
/// <remarks>Linux: mm/rmap.c: rmap_walk_anon, rmap_walk_file, page_vma_mapped_walk, v6.18.</remarks>
public sealed class RmapWalk
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly Func<int, AddressSpace?> mappingOf;
    private readonly List<RmapEntry> counted = [];

    /// <summary>Over one machine's memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="mapper">What entries mean.</param>
    /// <param name="anonVmas">Owners of anonymous pages.</param>
    /// <param name="mappingOf">Owners of pages of files and shared memory, by number.</param>
    public RmapWalk(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, Func<int, AddressSpace?> mappingOf)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.mappingOf = mappingOf;
    }

    /// <summary>
    /// Fills <paramref name="into"/> with the entries that map a frame, in a fixed order: ancestors before
    /// descendants, VMAs as they came. Precondition: it is a page of a process, a file or shared memory.
    /// </summary>
    /// <exception cref="KernelBug">It finds another number of them than the frame counts (I12).</exception>
    public void Find(Pfn page, List<RmapEntry> into)
    {
        into.Clear();
        PageFrame frame = memory.Map[page];
        if (frame.MapCount == 0)
            return;
        Lock(frame);
        Walk(page, into);
        foreach (RmapEntry entry in into)
            memory.Locks.ChecksEntry(entry.Mm, entry.Slot.Table);
        KernelBug.Assert(into.Count == frame.MapCount,
            $"I12 violated: frame {page} ({frame.Place}) is mapped {frame.MapCount} times, rmap finds {into.Count}");
    }

    /// <summary>
    /// How many entries it finds that map a frame, right or wrong: for the audit. The kernel's own pages ([vdso]),
    /// which never leave, have no reverse mapping: their count is taken as it is.
    /// </summary>
    public int Count(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        if (frame.Place == FramePlace.File && mappingOf(frame.Owner) is null)
            return frame.MapCount;
        counted.Clear();
        Walk(page, counted);
        return counted.Count;
    }

    private void Lock(in PageFrame frame)
    {
        if (frame.Place != FramePlace.Anon && mappingOf(frame.Owner) is { } mapping)
            memory.Locks.WalksRmap(mapping);
        else if (frame.Place == FramePlace.Anon && !frame.IsKsm && anonVmas.Find(frame.Owner) is { } family)
            memory.Locks.WalksRmap(family);
    }

    private void Walk(Pfn page, List<RmapEntry> into)
    {
        PageFrame frame = memory.Map[page];
        if (frame.IsKsm)
            FindMerged(frame.Owner, page, into);
        else if (frame.Place == FramePlace.Anon)
            FindAnon(anonVmas.Find(frame.Owner), frame.Index, page, into);
        else
            FindIn(mappingOf(frame.Owner)?.Vmas, frame.Index, page, into);
    }

    // Families of anon_vmas may overlap, where fork came between: an entry counts once.
    private void FindMerged(int owner, Pfn page, List<RmapEntry> into)
    {
        foreach ((int anonVma, uint index) in memory.Ksm.ItemsOf(owner))
            FindAnon(anonVmas.Find(anonVma), index, page, into);
        var found = new HashSet<PteSlot>();
        into.RemoveAll(entry => !found.Add(entry.Slot));
    }

    private void FindAnon(AnonVma? anonVma, uint index, Pfn page, List<RmapEntry> into)
    {
        if (anonVma is null)
            return;
        FindIn(anonVma.Vmas, index, page, into);
        foreach (AnonVma child in anonVma.Children)
            FindAnon(child, index, page, into);
    }

    private void FindIn(LinkedList<Vma>? vmas, uint index, Pfn page, List<RmapEntry> into)
    {
        for (LinkedListNode<Vma>? node = vmas?.First; node is not null; node = node.Next)
        {
            Vma vma = node.Value;
            // Frames keep 32 bits of their index, so in a huge VMA several pages come into question.
            for (ulong at = unchecked(index - (uint)vma.PgOff); at < vma.SpanPages; at += 1UL << 32)
                Look(vma, vma.Start + (at << memory.Geometry.PageShift), page, into);
        }
    }

    private void Look(Vma vma, ulong va, Pfn page, List<RmapEntry> into)
    {
        Mm mm = vma.Mm!;
        PteSlot slot = memory.Tables.Find(mm, va);
        ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
        if (mapper.IsMapped(entry) && mapper.PfnOf(entry) == page)
            into.Add(new RmapEntry(mm, vma, va, slot, entry));
    }
}
