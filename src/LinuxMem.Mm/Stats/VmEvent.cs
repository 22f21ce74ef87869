namespace LinuxMem.Mm.Stats;

/// <summary>
/// The counters of /proc/vmstat that are modelled, in the order of that file. Those named Nr... are gauges.
/// </summary>
/// <remarks>
/// Linux: mm/vmstat.c: vmstat_text, v6.18 (with CONFIG_DEBUG_TLBFLUSH for the last four). A new member goes where the
/// real file has it, with its name at the same position of <see cref="VmStat.Names"/>.
/// </remarks>
public enum VmEvent
{
    /// <summary>Frames in the zones' free lists; frames on per-CPU lists do not count.</summary>
    NrFreePages,

    /// <summary>Of those, the ones in blocks of at least a pageblock.</summary>
    NrFreePagesBlocks,

    /// <summary>Pages that a locked mapping keeps in memory.</summary>
    NrMlock,

    /// <summary>Pages read back from swap whose leaving was remembered.</summary>
    WorkingsetRefaultAnon,

    /// <summary>The same of pages of files.</summary>
    WorkingsetRefaultFile,

    /// <summary>Of those, the ones that had left too early.</summary>
    WorkingsetActivateAnon,

    /// <summary>The same of pages of files.</summary>
    WorkingsetActivateFile,

    /// <summary>Of those, the ones that had been active before.</summary>
    WorkingsetRestoreAnon,

    /// <summary>The same of pages of files.</summary>
    WorkingsetRestoreFile,

    /// <summary>Mapped anonymous frames.</summary>
    NrAnonPages,

    /// <summary>Mapped frames of files and shared memory.</summary>
    NrMapped,

    /// <summary>Frames of the page cache, shared memory and the swap cache included.</summary>
    NrFilePages,

    /// <summary>Pages of files that differ from the disk.</summary>
    NrDirty,

    /// <summary>Pages that are being written to a disk.</summary>
    NrWriteback,

    /// <summary>Frames of shared memory.</summary>
    NrShmem,

    /// <summary>Pages of files that were made dirty.</summary>
    NrDirtied,

    /// <summary>Pages that were written to a disk.</summary>
    NrWritten,

    /// <summary>Frames of page tables.</summary>
    NrPageTablePages,

    /// <summary>Pages in the swap cache.</summary>
    NrSwapCached,

    /// <summary>KiB read from disks.</summary>
    PgPgIn,

    /// <summary>KiB written to disks.</summary>
    PgPgOut,

    /// <summary>Pages read from swap.</summary>
    PswpIn,

    /// <summary>Pages written to swap.</summary>
    PswpOut,

    /// <summary>Frames allocated from zone DMA.</summary>
    PgAllocDma,

    /// <summary>Frames allocated from zone DMA32.</summary>
    PgAllocDma32,

    /// <summary>Frames allocated from zone Normal.</summary>
    PgAllocNormal,

    /// <summary>Times that a task had to reclaim memory itself.</summary>
    AllocStallMovable,

    /// <summary>Frames freed.</summary>
    PgFree,

    /// <summary>Pages made active.</summary>
    PgActivate,

    /// <summary>Pages made inactive.</summary>
    PgDeactivate,

    /// <summary>Anonymous pages that their owner does not need any more (MADV_FREE).</summary>
    PgLazyFree,

    /// <summary>Page faults, minor and major.</summary>
    PgFault,

    /// <summary>Page faults that needed I/O.</summary>
    PgMajFault,

    /// <summary>Of those, and of droppable pages, the ones that were given up.</summary>
    PgLazyFreed,

    /// <summary>Active pages that were looked at, to make some of them inactive.</summary>
    PgRefill,

    /// <summary>Write faults that kept the frame, since nobody else used it.</summary>
    PgReuse,

    /// <summary>Pages that kswapd took out of memory.</summary>
    PgStealKswapd,

    /// <summary>Pages that tasks took out of memory.</summary>
    PgStealDirect,

    /// <summary>Pages that kswapd looked at.</summary>
    PgScanKswapd,

    /// <summary>Pages that tasks looked at.</summary>
    PgScanDirect,

    /// <summary>Anonymous pages and shared memory that were looked at, for the machine or for groups.</summary>
    PgScanAnon,

    /// <summary>Pages of files that were looked at, for the machine or for groups.</summary>
    PgScanFile,

    /// <summary>Anonymous pages and shared memory that were taken out of memory, for the machine or for groups.
    /// </summary>
    PgStealAnon,

    /// <summary>Pages of files that were taken out of memory, for the machine or for groups.</summary>
    PgStealFile,

    /// <summary>Times that kswapd began to work.</summary>
    PageOutRun,

    /// <summary>Times that vm.drop_caches let pages of files go.</summary>
    DropPagecache,

    /// <summary>Times that vm.drop_caches was to shrink slabs.</summary>
    DropSlab,

    /// <summary>Processes killed for want of memory.</summary>
    OomKill,

    /// <summary>Pages moved to another frame.</summary>
    PgMigrateSuccess,

    /// <summary>Pages that could not be moved.</summary>
    PgMigrateFail,

    /// <summary>Frames that compaction looked at for pages to move.</summary>
    CompactMigrateScanned,

    /// <summary>Frames that it looked at for room to move them to.</summary>
    CompactFreeScanned,

    /// <summary>Pages and free frames that it took in hand.</summary>
    CompactIsolated,

    /// <summary>Times that a task compacted memory itself.</summary>
    CompactStall,

    /// <summary>Times that it got no block for it.</summary>
    CompactFail,

    /// <summary>Times that it got one.</summary>
    CompactSuccess,

    /// <summary>Times that kcompactd was woken.</summary>
    CompactDaemonWake,

    /// <summary>Of the frames looked at for pages, those that kcompactd looked at.</summary>
    CompactDaemonMigrateScanned,

    /// <summary>The same of the frames looked at for room.</summary>
    CompactDaemonFreeScanned,

    /// <summary>Pages that were found to be unable to leave.</summary>
    UnevictablePgsCulled,

    /// <summary>Pages that were looked at since their object keeps them no more.</summary>
    UnevictablePgsScanned,

    /// <summary>Pages that can leave again.</summary>
    UnevictablePgsRescued,

    /// <summary>Pages that a locked mapping got.</summary>
    UnevictablePgsMlocked,

    /// <summary>Pages that lost their last locked mapping.</summary>
    UnevictablePgsMunlocked,

    /// <summary>Pages that went while a locked mapping had them.</summary>
    UnevictablePgsCleared,

    /// <summary>Flushes that needed other CPUs.</summary>
    NrTlbRemoteFlush,

    /// <summary>Flushes done for other CPUs.</summary>
    NrTlbRemoteFlushReceived,

    /// <summary>Flushes of everything on the CPU that asked.</summary>
    NrTlbLocalFlushAll,

    /// <summary>Pages flushed one by one on the CPU that asked.</summary>
    NrTlbLocalFlushOne,

    /// <summary>Pages read ahead from swap.</summary>
    SwapRa,

    /// <summary>Of those, the ones that were used.</summary>
    SwapRaHit,
}
