namespace LinuxMem.Mm.MemMaps;

/// <summary>State bits of a frame.</summary>
/// <remarks>Linux: include/linux/page-flags.h: enum pageflags, v6.18 (the numbers are this simulator's own).</remarks>
[Flags]
public enum PageFlags : ushort
{
    /// <summary>No bit: the state of every free frame.</summary>
    None = 0,

    /// <summary>Accessed since reclaim looked last (PG_referenced).</summary>
    Referenced = 1,

    /// <summary>Differs from its file or swap slot (PG_dirty).</summary>
    Dirty = 2,

    /// <summary>Contents have been read (PG_uptodate).</summary>
    Uptodate = 4,

    /// <summary>Locked for I/O or a change of identity (PG_locked).</summary>
    Locked = 8,

    /// <summary>On an active list (PG_active).</summary>
    Active = 16,

    /// <summary>On a list of page replacement (PG_lru).</summary>
    Lru = 32,

    /// <summary>May not be reclaimed (PG_unevictable).</summary>
    Unevictable = 64,

    /// <summary>Being written out (PG_writeback).</summary>
    Writeback = 128,

    /// <summary>Anonymous and mapped by one process only, so a write fault may reuse it (PG_anon_exclusive).</summary>
    AnonExclusive = 256,

    /// <summary>Goes to swap, not to a file (PG_swapbacked).</summary>
    SwapBacked = 512,

    /// <summary>Not for the allocator (PG_reserved).</summary>
    Reserved = 1024,

    /// <summary>Had a memory error (PG_hwpoison).</summary>
    HwPoison = 2048,

    /// <summary>The zero page, mapped by reads of untouched anonymous memory.</summary>
    ZeroPage = 4096,

    /// <summary>Whoever reaches it has the next window read (PG_readahead).</summary>
    Readahead = 8192,

    /// <summary>In the swap cache: a slot of swap belongs to it (PG_swapcache).</summary>
    SwapCached = 16384,

    /// <summary>To be freed when its last mapping's TLB entries, or its I/O, are gone (PG_reclaim).</summary>
    Reclaim = 32768,
}
