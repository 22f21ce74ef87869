namespace LinuxMem.Audit.Snapshots;

/// <summary>The page flags that checkers look at; the values are those of the kernel's mem_map.</summary>
/// <remarks>Linux: include/linux/page-flags.h, v6.18, for the meanings; the numbers are ours.</remarks>
[Flags]
public enum FrameFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>Differs from its file or slot of swap (PG_dirty).</summary>
    Dirty = 2,

    /// <summary>Somebody holds the page locked (PG_locked).</summary>
    Locked = 8,

    /// <summary>On a list of pages that can leave (PG_lru).</summary>
    Lru = 32,

    /// <summary>On the list of pages that may not leave (PG_unevictable).</summary>
    Unevictable = 64,

    /// <summary>The page is being written to its device (PG_writeback).</summary>
    Writeback = 128,

    /// <summary>
    /// A private page that belongs to one process alone, which may write it in place (PG_anon_exclusive).
    /// </summary>
    AnonExclusive = 256,

    /// <summary>Goes to swap, not to a file (PG_swapbacked).</summary>
    SwapBacked = 512,

    /// <summary>Never given to the allocator (PG_reserved).</summary>
    Reserved = 1024,

    /// <summary>Hit by a memory error (PG_hwpoison).</summary>
    HwPoison = 2048,

    /// <summary>The page of zeros that first reads of anonymous memory map. Its mappings are not counted.</summary>
    ZeroPage = 4096,

    /// <summary>In the swap cache (PG_swapcache).</summary>
    SwapCached = 16384,

    /// <summary>On its way out of memory (PG_reclaim).</summary>
    Reclaim = 32768,
}
