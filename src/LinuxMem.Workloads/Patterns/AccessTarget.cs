namespace LinuxMem.Workloads.Patterns;

/// <summary>The part of the address space that a pattern walks through.</summary>
/// <param name="Start">Virtual address of its first byte, a multiple of 8.</param>
/// <param name="Bytes">Its length, at least 8.</param>
/// <param name="PageShift">log2 of the page size in bytes.</param>
public readonly record struct AccessTarget(ulong Start, ulong Bytes, int PageShift)
{
    /// <summary>Whole 8-byte words: the unit that patterns aim at, so that no access crosses a page.</summary>
    public ulong Words => Bytes >> 3;

    /// <summary>Page-sized blocks, at least 1; a last block that is not whole is left out.</summary>
    public ulong Blocks => Math.Max(1, Bytes >> PageShift);

    /// <summary>Words in a block: those of a page, or fewer where the whole target is smaller than a page.</summary>
    public ulong WordsInBlock => Math.Min(Words, 1UL << (PageShift - 3));
}
