namespace LinuxMem.Audit.Oracle;

/// <summary>An address space of the oracle: what is mapped, and the private contents.</summary>
/// <param name="pageShift">log2 of the page size in bytes.</param>
internal sealed class SpaceContents(int pageShift)
{
    /// <summary>What is mapped.</summary>
    public RegionList Regions { get; private init; } = new(pageShift);

    /// <summary>Values of private memory, by unit (address divided by the unit's size).</summary>
    public UnitMap Values { get; private init; } = new();

    /// <summary>
    /// The pages, by number, of private mappings of objects that have a copy of their own; the values mean nothing.
    /// </summary>
    public UnitMap CopiedPages { get; private init; } = new();

    /// <summary>
    /// The pages, by number, that may become zeros until they are stored to, or may have done so before that.
    /// </summary>
    public UnitMap Vanishing { get; private init; } = new();

    /// <summary>Of the latter pages, the units that were stored; the values mean nothing.</summary>
    public UnitMap Kept { get; private init; } = new();

    /// <summary>A deep copy.</summary>
    public SpaceContents Clone() => new(pageShift)
    {
        Regions = Regions.Clone(),
        Values = Values.Clone(),
        CopiedPages = CopiedPages.Clone(),
        Vanishing = Vanishing.Clone(),
        Kept = Kept.Clone(),
    };
}
