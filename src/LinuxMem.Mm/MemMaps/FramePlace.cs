namespace LinuxMem.Mm.MemMaps;

/// <summary>Where a frame is. Every frame is in exactly one place at any time (invariant I01).</summary>
/// <remarks>
/// Who moves it:
/// <code>
/// Untouched, BuddyHead  &lt;-> PerCpuList     PageAlloc: bulk refill and bulk return
/// BuddyHead, PerCpuList  -> PageTable, Anon, Shmem, File, SwapCache, Kernel     PageAlloc: AllocPages
/// any of those six, Isolated -> PerCpuList, BuddyHead, Untouched                PageAlloc: FreePages
/// Anon, Shmem, File      -> Isolated       unmapping, until every TLB has forgotten the frame
/// Reserved                                 from boot to the end
/// </code>
/// Linux has no such field: include/linux/page-flags.h spreads it over PageBuddy, PageLRU, PageTable and others, v6.18.
/// </remarks>
public enum FramePlace : byte
{
    /// <summary>
    /// Inside a free buddy block, not its first frame; or the first of a block that is free since boot and was not
    /// looked at yet. The value of mem_map entries that nothing ever wrote.
    /// </summary>
    Untouched = 0,

    /// <summary>The first frame of a free block on a zone's free list.</summary>
    BuddyHead,

    /// <summary>On a per-CPU list (for a block of several frames: every one of them).</summary>
    PerCpuList,

    /// <summary>Never given to the allocator.</summary>
    Reserved,

    /// <summary>A page-table page.</summary>
    PageTable,

    /// <summary>Anonymous memory of one or more processes.</summary>
    Anon,

    /// <summary>Shared memory, in the page cache of its object.</summary>
    Shmem,

    /// <summary>A file's page, in the page cache.</summary>
    File,

    /// <summary>In the swap cache.</summary>
    SwapCache,

    /// <summary>The kernel's own use.</summary>
    Kernel,

    /// <summary>Unmapped, waiting for TLBs to forget it.</summary>
    Isolated,

    /// <summary>Taken out of use after a memory error; never allocated again.</summary>
    Poisoned,
}
