namespace LinuxMem.Mm.PageAlloc;

/// <summary>The size of a block of frames as a power of two: 2^Value frames, aligned to their number.</summary>
/// <param name="Value">From 0 to <see cref="MaxValue"/>.</param>
public readonly record struct Order(int Value)
{
    /// <summary>The largest order of a free block (MAX_PAGE_ORDER).</summary>
    public const int MaxValue = 10;

    /// <summary>The largest order that per-CPU lists hold (PAGE_ALLOC_COSTLY_ORDER).</summary>
    public const int CostlyValue = 3;

    /// <summary>One frame.</summary>
    public static Order Zero => default;

    /// <summary>Frames of a block.</summary>
    public uint Pages => 1u << Value;
}
