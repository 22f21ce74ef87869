namespace LinuxMem.Mm.Filemap;

/// <summary>A look-up in the page cache: which pages of a mapping are there.</summary>
/// <param name="Mapping">The file or shared object; null is no look-up but a wait until the task is woken.</param>
/// <param name="First">Index of the first page asked for.</param>
/// <param name="Count">How many pages, at most <see cref="CountMax"/>.</param>
/// <param name="Present">
/// False: the frames of consecutive pages, 0 where there is none. True: the frames of the next pages that are there, by
/// rising index, 0 behind the last.
/// </param>
public readonly record struct PageLookup(AddressSpace Mapping, uint First, int Count, bool Present = false)
{
    /// <summary>The most pages of one look-up: a readahead window of 8 MiB.</summary>
    public const int CountMax = 2048;

    /// <summary>The pages that a walk over a file asks for at a time.</summary>
    public const int BatchPages = 64;

    /// <summary>No look-up: the call waits until something wakes its task.</summary>
    public static PageLookup Wait => default;
}
