namespace LinuxMem.Simulation.Locks;

/// <summary>How the machine's locks behave and what they cost, beside the work that is done under them.</summary>
/// <remarks>
/// An uncontended lock costs nothing here: the kernel's costs were measured with their locks. What is added is what
/// others cause: waiting, and cache lines that have to come from another CPU.
/// </remarks>
public sealed record LockSettings
{
    /// <summary>
    /// Whether a page fault takes the lock of its VMA only (CONFIG_PER_VMA_LOCK, Linux 6.4 and later); if not, it takes
    /// mmap_lock, as before.
    /// </summary>
    public bool PerVma { get; init; } = true;

    /// <summary>
    /// An atomic operation on a line that another CPU had last. Source: core-to-core latencies of EPYC and Xeon within
    /// a socket, 50 to 90 ns.
    /// </summary>
    public int LineNs { get; init; } = 60;

    /// <summary>
    /// The same while others want the line too, so that compare-and-swap fails and the line moves for nothing. Source:
    /// assumed from the plateau of will-it-scale's page_fault1_threads before Linux 6.4, two to three times one CPU.
    /// </summary>
    public int ContendedLineNs { get; init; } = 190;

    /// <summary>
    /// From the release of a lock until a writer that spins for it has it. Source: mmap1 with 2 threads on Linux 6.18:
    /// 1.01 times one thread.
    /// </summary>
    public int HandoffNs { get; init; } = 250;

    /// <summary>
    /// From the release until a task that slept runs. Source: a context switch and a wake-up, 1.5 to 3 us.
    /// </summary>
    public int WakeNs { get; init; } = 2000;

    /// <summary>
    /// For how long a writer spins while readers have the lock, before it sleeps. Source: kernel/locking/rwsem.c:
    /// rwsem_rspin_threshold, v6.18, for one reader.
    /// </summary>
    public int ReaderSpinNs { get; init; } = 10_500;

    /// <summary>
    /// What a cache line takes longer that comes from another socket. Source: latencies between two sockets of EPYC
    /// and Xeon, 130 to 220 ns.
    /// </summary>
    public int CrossSocketNs { get; init; } = 100;

    /// <summary>Moving a folio batch of 31 pages to or from the LRU lists. Assumed: 15 ns a page.</summary>
    public int LruBatchNs { get; init; } = 450;

    /// <summary>Setting a page-table entry, or a few, under the table's lock. Assumed.</summary>
    public int PageTableNs { get; init; } = 60;

    /// <summary>Putting a page into a file's tree or taking it out. Assumed.</summary>
    public int PageCacheNs { get; init; } = 120;

    /// <summary>Freeing or sharing a slot of swap under its cluster's lock. Assumed.</summary>
    public int SwapNs { get; init; } = 60;

    /// <summary>Linking a VMA to its anon_vma, or taking it out. Assumed.</summary>
    public int AnonVmaNs { get; init; } = 150;

    /// <summary>Handing an I/O to the queue of a device. Assumed.</summary>
    public int QueueNs { get; init; } = 300;

    /// <summary>CPUs of a socket, which share its memory.</summary>
    public int SocketCpus { get; init; } = 64;

    /// <summary>
    /// What the memory of a socket stores and loads, in MB/s. Source: eight channels of DDR4-3200 give 205 GB/s.
    /// </summary>
    public int SocketMBytesPerSecond { get; init; } = 200_000;
}
