namespace LinuxMem.Audit.Snapshots;

/// <summary>The kernel's counters of the whole machine, those of /proc/vmstat and what goes with them.</summary>
public struct CounterRecord
{
    /// <summary>Pages of files that differ from their disk (NR_FILE_DIRTY).</summary>
    public long FileDirty { get; set; }

    /// <summary>Pages that are being written (NR_WRITEBACK).</summary>
    public long Writeback { get; set; }

    /// <summary>Pages on the unevictable list (NR_UNEVICTABLE).</summary>
    public long Unevictable { get; set; }

    /// <summary>Pages that a locked mapping keeps in memory (NR_MLOCK).</summary>
    public long Locked { get; set; }

    /// <summary>Private pages that are mapped (NR_ANON_MAPPED).</summary>
    public long AnonMapped { get; set; }

    /// <summary>Pages of files and shared memory that are mapped (NR_FILE_MAPPED).</summary>
    public long FileMapped { get; set; }

    /// <summary>Pages of the page cache and the swap cache (NR_FILE_PAGES).</summary>
    public long FilePages { get; set; }

    /// <summary>Pages of shared memory (NR_SHMEM).</summary>
    public long SharedPages { get; set; }

    /// <summary>Pages in the swap cache (NR_SWAPCACHE).</summary>
    public long SwapCached { get; set; }

    /// <summary>Page tables (NR_PAGETABLE).</summary>
    public long PageTables { get; set; }

    /// <summary>Blocks of disks in memory (Buffers).</summary>
    public long Buffers { get; set; }

    /// <summary>The object whose pages are those blocks; 0 if there is none.</summary>
    public int BufferMappingId { get; set; }

    /// <summary>Huge pages, free ones, and promised ones, as their pool counts them.</summary>
    public HugeCounts HugePool { get; set; }

    /// <summary>Huge pages that address spaces and files have, and those promised to them.</summary>
    public HugeCounts HugeUsers { get; set; }

    /// <summary>Pages promised (Committed_AS).</summary>
    public long Committed { get; set; }

    /// <summary>Frames allocated so far (pgalloc of all zones).</summary>
    public long Allocated { get; set; }

    /// <summary>Frames freed so far (pgfree).</summary>
    public long Freed { get; set; }

    /// <summary>Page faults so far (pgfault).</summary>
    public long Faults { get; set; }

    /// <summary>Page faults that needed I/O so far (pgmajfault).</summary>
    public long MajorFaults { get; set; }

    /// <summary>The faults of all processes that ever were, minor and major, as they count them.</summary>
    public long TaskFaults { get; set; }

    /// <summary>Of those, the major ones.</summary>
    public long TaskMajorFaults { get; set; }

    /// <summary>Sectors that the kernel has asked disks to read (pgpgin).</summary>
    public long SectorsIn { get; set; }

    /// <summary>Sectors that it has asked them to write (pgpgout).</summary>
    public long SectorsOut { get; set; }

    /// <summary>Of the former, those of swap (pswpin).</summary>
    public long SwapSectorsIn { get; set; }

    /// <summary>Of the latter, those of swap (pswpout).</summary>
    public long SwapSectorsOut { get; set; }

    /// <summary>What all disks together say that they have done; null where I/Os were made to fail.</summary>
    public DeviceSectors? Devices { get; set; }
}

/// <summary>Numbers of huge pages of the usual size.</summary>
/// <param name="Used">Pages that somebody has.</param>
/// <param name="Promised">Pages promised and not yet taken.</param>
public readonly record struct HugeCounts(long Used, long Promised);

/// <summary>What disks say that they have done, in sectors.</summary>
/// <param name="Read">Read.</param>
/// <param name="Written">Written.</param>
/// <param name="SwapRead">Of those read, the ones of swap areas; -1 where files lie over them.</param>
/// <param name="SwapWritten">Of those written, the ones of swap areas; -1 where files lie over them.</param>
public readonly record struct DeviceSectors(long Read, long Written, long SwapRead, long SwapWritten);
