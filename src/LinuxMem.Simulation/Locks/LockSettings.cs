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
    /// An atomic operation on a line that another CPU had last, with which it shares a cache. Source: 'linuxmem
    /// calibrate' on an EPYC of the fifth generation: 46 ns; https://github.com/nviennot/core-to-core-latency: EPYC
    /// 7R13 23 ns, Xeons 44 to 51 ns; and the instruction.
    /// </summary>
    public int LineNs { get; init; } = 60;

    /// <summary>
    /// What the line takes longer that comes from another cache of the socket. Source: the same: EPYC 7R13 107 ns;
    /// 205 to 250 ns measured in a virtual machine on the fifth generation.
    /// </summary>
    public int CrossCacheNs { get; init; } = 50;

    /// <summary>CPUs that share a cache of the last level: 8 of a chiplet of EPYC.</summary>
    public int CacheCpus { get; init; } = 8;

    /// <summary>
    /// The same while others want the line too, so that compare-and-swap fails and the line moves for nothing. Source:
    /// assumed from the plateau of will-it-scale's page_fault1_threads before Linux 6.4, two to three times one CPU.
    /// </summary>
    public int ContendedLineNs { get; init; } = 190;

    /// <summary>
    /// From the release of a lock until a writer that spins for it has it: it sees that the owner is gone, reads the
    /// count, changes it and writes the owner, four lines and more one after the other. Twice that after a reader,
    /// since then there is no owner to watch and all try the count itself. Source: munlock of 48 VMAs that are not
    /// locked, which writes nothing, by two threads at a time takes 250 to 310 ns a call more than its work, where a
    /// line takes 56 to 62 ns (two CPUs of a Xeon, Linux 6.18); kernel/locking/rwsem.c: rwsem_spin_on_owner,
    /// rwsem_try_write_lock_unqueued, v6.18.
    /// </summary>
    public int HandoffNs { get; init; } = 270;

    /// <summary>
    /// Lines that a CPU has to fetch one after the other to change a VMA when another CPU has changed the address space
    /// last: counters of the mm, nodes of its tree, VMAs beside. Source: on the same host mmap and munmap of a page
    /// that touches nothing, by two threads at a time, take 5 to 8 lines a call beside the hand-over; by two in turn,
    /// with nobody waiting, 3 to 5.
    /// </summary>
    public int VmaLines { get; init; } = 6;

    /// <summary>
    /// Lines more if a VMA is split, cut or joined, which copies whole nodes of the tree, and another CPU has done so
    /// last. Source: the same: mprotect of a page in a VMA and back takes 16 lines a call beside the hand-over, by two
    /// in turn 12; a CPU that lengthens the heap and then cuts it takes 6 for the latter if others do so in turn.
    /// </summary>
    public int SplitLines { get; init; } = 8;

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
    /// What a cache line takes longer that comes from another socket. Source: the same: EPYC 7R13 197 ns, Xeons 108 to
    /// 136 ns.
    /// </summary>
    public int CrossSocketNs { get; init; } = 120;

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

    /// <summary>Lines that a hand-over moves, one after the other.</summary>
    public int HandoffLines => LineNs == 0 ? 1 : Math.Max(1, HandoffNs / LineNs);

    /// <summary>What a line takes longer to a CPU from another than from one beside it, in nanoseconds.</summary>
    public int FarNs(int from, int to) =>
        from / SocketCpus != to / SocketCpus ? CrossSocketNs
        : from / CacheCpus != to / CacheCpus ? CrossCacheNs
        : 0;
}
