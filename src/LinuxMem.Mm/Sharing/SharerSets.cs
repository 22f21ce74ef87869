namespace LinuxMem.Mm.Sharing;

/// <summary>Sets of sharers, each kept once: a set is the one before it and one member more.</summary>
/// <remarks>Members come in rising order, so that equal sets get equal numbers.</remarks>
internal sealed class SharerSets
{
    private readonly List<(int Parent, int Member)> sets = [(-1, -1)];
    private readonly Dictionary<(int Set, int Member), int> next = [];

    /// <summary>The number of the set with a member more; the same set if it is its last already.</summary>
    public int With(int set, int member)
    {
        if (sets[set].Member == member)
            return set;
        if (!next.TryGetValue((set, member), out int grown))
        {
            grown = sets.Count;
            sets.Add((set, member));
            next.Add((set, member), grown);
        }

        return grown;
    }

    /// <summary>The members of a set, in rising order.</summary>
    public IReadOnlyList<int> MembersOf(int set)
    {
        var members = new List<int>();
        for (; set > 0; set = sets[set].Parent)
            members.Add(sets[set].Member);
        members.Reverse();
        return members;
    }
}
