namespace LinuxMem.Mm.Filemap;

/// <summary>Pages of a file that were put into the cache together, and stay together until they are split.</summary>
/// <param name="First">Index of the first page, a multiple of <see cref="Count"/>.</param>
/// <param name="Order">log2 of the number of pages.</param>
public readonly record struct Folio(uint First, int Order)
{
    /// <summary>Number of pages.</summary>
    public int Count => 1 << Order;

    /// <summary>One past the index of the last page.</summary>
    public ulong End => First + (1UL << Order);

    /// <summary>Whether a page is one of them.</summary>
    public bool Has(ulong index) => index >= First && index < End;
}
