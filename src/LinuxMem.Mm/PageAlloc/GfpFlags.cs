namespace LinuxMem.Mm.PageAlloc;

/// <summary>
/// What an allocation may do and where its frames may lie. Only flags that have an effect here exist.
/// </summary>
/// <remarks>
/// Linux: include/linux/gfp_types.h, v6.18. Not here: __GFP_ZERO (contents are the caller's), __GFP_NORETRY and the
/// like (there is no reclaim to repeat), __GFP_NOWARN (nothing warns), __GFP_HIGHMEM (no such zone). The combinations
/// at the end keep Linux's names.
/// </remarks>
[Flags]
public enum GfpFlags : uint
{
    /// <summary>An unmovable frame from any zone, for a caller that cannot wait (GFP_NOWAIT).</summary>
    None = 0,

    /// <summary>From zone DMA only (__GFP_DMA).</summary>
    Dma = 0x01,

    /// <summary>From zone DMA32 or below (__GFP_DMA32).</summary>
    Dma32 = 0x04,

    /// <summary>
    /// The frame's contents can move: movable pageblocks (__GFP_MOVABLE). Not together with <see cref="Reclaimable"/>.
    /// </summary>
    Movable = 0x08,

    /// <summary>The frame can be dropped under pressure: reclaimable pageblocks (__GFP_RECLAIMABLE).</summary>
    Reclaimable = 0x10,

    /// <summary>
    /// May use half of the min watermark, three eighths more than others if it cannot wait either (__GFP_HIGH).
    /// </summary>
    High = 0x20,

    /// <summary>
    /// The caller can wait for reclaim (__GFP_DIRECT_RECLAIM); without it <see cref="High"/> reaches deeper.
    /// </summary>
    DirectReclaim = 0x400,

    /// <summary>The caller cannot go on without it, and repeats until it has it (__GFP_NOFAIL).</summary>
    NoFail = 0x8000,

    /// <summary>Ignores watermarks: the allocation will free memory soon (__GFP_MEMALLOC, PF_MEMALLOC).</summary>
    MemAlloc = 0x20000,

    /// <summary>The kernel's own data and page tables (GFP_KERNEL).</summary>
    Kernel = DirectReclaim,

    /// <summary>From interrupt context (GFP_ATOMIC).</summary>
    Atomic = High,

    /// <summary>User memory and page cache (GFP_HIGHUSER_MOVABLE).</summary>
    HighUserMovable = DirectReclaim | Movable,
}
