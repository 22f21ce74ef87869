using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Ksm;

/// <summary>The merged pages: which there are, what is in them, and whose pages they were.</summary>
/// <remarks>
/// Linux: mm/ksm.c: the stable tree, v6.18. A merged page's owner is minus the number of its node. Nodes whose frame
/// has lost its last mapping are forgotten when somebody looks (get_ksm_folio). Pages are found by a digest of their
/// contents first, where Linux compares its way down a tree.
/// </remarks>
public sealed class StablePages
{
    /// <summary>Mappings of a merged page at most (max_page_sharing); then there is a second one of its kind.</summary>
    public const int MaxPageSharing = 256;

    private readonly PhysicalMemory ram;
    private readonly MemMap map;
    private readonly SortedDictionary<int, Node> nodes = [];
    private readonly Dictionary<ulong, List<int>> byContents = [];
    private int lastId;

    /// <summary>Over a machine's memory.</summary>
    public StablePages(PhysicalMemory ram, MemMap map)
    {
        this.ram = ram;
        this.map = map;
    }

    private sealed record Node(Pfn Page, ulong Contents, List<(int Owner, uint Index)> Items);

    /// <summary>Makes a merged page of a process its own, out of line: what MADV_UNMERGEABLE does.</summary>
    public delegate Fault.FaultOutcome BreakPage(Mm mm, ulong va, TrapPoint at, ref WorkCost cost);

    /// <summary>See <see cref="BreakPage"/>; set once, at boot.</summary>
    public BreakPage? Break { get; set; }

    /// <summary>Merged pages (pages_shared).</summary>
    public long Shared => Count(frame => 1);

    /// <summary>Mappings of these beyond the first of each (pages_sharing).</summary>
    public long Sharing => Count(frame => frame.MapCount - 1);

    /// <summary>Merged pages that were copied for a store (cow_ksm).</summary>
    public long Copies { get; set; }

    /// <summary>Whose pages a merged page was: anon_vma and index of each. Precondition: there is such a node.
    /// </summary>
    public IReadOnlyList<(int Owner, uint Index)> ItemsOf(int owner) => nodes[-owner].Items;

    /// <summary>
    /// A merged page with the contents of another page, and room for a mapping; none if there is none.
    /// </summary>
    public Pfn Find(Pfn page, ulong contents)
    {
        if (!byContents.TryGetValue(contents, out List<int>? ids))
            return Pfn.None;
        for (int i = ids.Count - 1; i >= 0; i--)
        {
            if (!IsLive(ids[i]))
                Forget(ids, i);
        }

        foreach (int id in ids)
        {
            Pfn found = nodes[id].Page;
            if (found != page && map[found].MapCount < MaxPageSharing && AreEqual(found, page))
                return found;
        }

        return Pfn.None;
    }

    /// <summary>Makes a page of a process a merged one. Precondition: nobody may store to it.</summary>
    public void Add(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        ulong contents = ContentsOf(page);
        int id = ++lastId;
        nodes.Add(id, new Node(page, contents, [(frame.Owner, frame.Index)]));
        if (!byContents.TryGetValue(contents, out List<int>? ids))
            byContents.Add(contents, ids = []);
        ids.Add(id);
        frame.Owner = -id;
        frame.Flags &= ~PageFlags.AnonExclusive;
    }

    /// <summary>A page that was of an anon_vma has become one with a merged page.</summary>
    public void AddItem(Pfn merged, int owner, uint index)
    {
        List<(int Owner, uint Index)> items = nodes[-map[merged].Owner].Items;
        if (!items.Contains((owner, index)))
            items.Add((owner, index));
    }

    /// <summary>A digest of a page's contents: equal pages have equal ones.</summary>
    public unsafe ulong ContentsOf(Pfn page)
    {
        if (ram.Contents == ContentMode.Tags)
            return ram.ReadWord(page, 0);
        var digest = default(Simulation.Digest);
        var words = new ReadOnlySpan<ulong>(ram.FrameAt(page), (1 << ram.PageShift) / sizeof(ulong));
        foreach (ulong word in words)
            digest.Add(word);
        return digest.Value;
    }

    /// <summary>Whether two pages have the same contents.</summary>
    public unsafe bool AreEqual(Pfn one, Pfn other)
    {
        if (ram.Contents == ContentMode.Tags)
            return ram.ReadWord(one, 0) == ram.ReadWord(other, 0);
        int bytes = 1 << ram.PageShift;
        return new ReadOnlySpan<byte>(ram.FrameAt(one), bytes)
            .SequenceEqual(new ReadOnlySpan<byte>(ram.FrameAt(other), bytes));
    }

    private bool IsLive(int id)
    {
        PageFrame frame = map[nodes[id].Page];
        return frame.IsKsm && frame.Owner == -id && frame.MapCount > 0;
    }

    private void Forget(List<int> ids, int at)
    {
        nodes.Remove(ids[at]);
        ids.RemoveAt(at);
    }

    private long Count(Func<PageFrame, long> of)
    {
        long sum = 0;
        foreach ((int id, Node node) in nodes)
            sum += IsLive(id) ? of(map[node.Page]) : 0;
        return sum;
    }
}
