using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests.Support;

/// <summary>A TLB as a textbook writes it: lists of ways, searched from the front.</summary>
internal sealed class NaiveTlb(TlbShape shape, NaiveDice dice)
{
    private readonly Entry?[][] sets = [.. Enumerable.Range(0, shape.Sets).Select(_ => new Entry?[shape.Ways])];
    private readonly List<int>[] order = [.. Enumerable.Range(0, shape.Sets).Select(_ => new List<int>())];
    private readonly bool[][] rightIsOlder = [.. Enumerable.Range(0, shape.Sets).Select(_ => new bool[shape.Ways])];

    public Entry? Find(int asid, ulong page) =>
        Array.Find(SetOf(page), e => e is not null && e.Asid == asid && e.Page == page);

    public void Use(Entry entry)
    {
        if (shape.Replacement is TlbReplacement.Lru or TlbReplacement.TreePlru)
            MakeYoungest(entry);
    }

    public void Fill(Entry entry)
    {
        Entry?[] set = SetOf(entry.Page);
        int way = Array.IndexOf(set, null);
        if (way < 0)
            way = Victim((int)(entry.Page % (ulong)shape.Sets));
        set[way] = entry;
        MakeYoungest(entry);
    }

    public void DropWhere(Func<Entry, bool> condition)
    {
        foreach (Entry?[] set in sets)
        {
            for (int way = 0; way < set.Length; way++)
            {
                if (set[way] is { } entry && condition(entry))
                    set[way] = null;
            }
        }
    }

    public IEnumerable<Entry> All() => sets.SelectMany(set => set).Where(e => e is not null).Select(e => e!);

    private Entry?[] SetOf(ulong page) => sets[page % (ulong)shape.Sets];

    private void MakeYoungest(Entry entry)
    {
        int set = (int)(entry.Page % (ulong)shape.Sets);
        int way = Array.IndexOf(sets[set], entry);
        order[set].Remove(way);
        order[set].Add(way);
        if (shape.Replacement == TlbReplacement.TreePlru)
            Descend(rightIsOlder[set], 1, 0, shape.Ways, way);
    }

    /// <summary>Turns every node between the root and a way to the other side.</summary>
    private static void Descend(bool[] tree, int node, int low, int high, int way)
    {
        if (high - low == 1)
            return;
        int middle = (low + high) / 2;
        tree[node] = way < middle;
        if (way < middle)
            Descend(tree, node * 2, low, middle, way);
        else
            Descend(tree, (node * 2) + 1, middle, high, way);
    }

    private int Victim(int set)
    {
        switch (shape.Replacement)
        {
            case TlbReplacement.Lru:
            case TlbReplacement.Fifo:
                return order[set][0];
            case TlbReplacement.Random:
                return dice.Below(shape.Ways);
            default:
                int node = 1, low = 0, high = shape.Ways;
                while (high - low > 1)
                {
                    int middle = (low + high) / 2;
                    bool right = rightIsOlder[set][node];
                    node = (node * 2) + (right ? 1 : 0);
                    (low, high) = right ? (middle, high) : (low, middle);
                }

                return low;
        }
    }

    internal sealed class Entry
    {
        public required int Asid;
        public required ulong Page;
        public uint Pfn;
        public bool Write;
        public bool Exec;
        public bool Dirty;
    }
}

/// <summary>The numbers that random replacement draws, in a class of their own because two TLBs may share
/// them.</summary>
internal sealed class NaiveDice(ulong seed)
{
    private ulong state = LinuxMem.Arch.Tlbs.Replacement.RandomReplacement.FirstState(seed);

    public int Below(int bound) => LinuxMem.Arch.Tlbs.Replacement.RandomReplacement.Below(ref state, bound);
}
