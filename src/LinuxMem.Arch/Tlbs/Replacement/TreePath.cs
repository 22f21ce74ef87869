namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>What a use of one slot does to its set's tree.</summary>
internal struct TreePath
{
    /// <summary>All bits but those of the nodes on the way from the root to the slot.</summary>
    public ulong Keep;

    /// <summary>Of these nodes, those that the slot lies to the left of.</summary>
    public ulong Away;

    /// <summary>The set's number in the arena.</summary>
    public int Set;
}
