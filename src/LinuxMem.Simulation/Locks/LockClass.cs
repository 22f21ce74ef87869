namespace LinuxMem.Simulation.Locks;

/// <summary>The locks that are modelled, by what they protect: one class, many instances (as lockdep has it).</summary>
public enum LockClass : byte
{
    /// <summary>An address space's VMAs: mm_struct.mmap_lock, a reader-writer semaphore.</summary>
    MmapLock,

    /// <summary>One VMA, for faults (vm_area_struct.vm_refcnt): readers only, writers mark it.</summary>
    VmaLock,

    /// <summary>What ties anonymous pages to VMAs: anon_vma.rwsem of the root.</summary>
    AnonVma,

    /// <summary>What ties a file's pages to VMAs: address_space.i_mmap_rwsem.</summary>
    IMmap,

    /// <summary>A page-table page of the lowest level (split page-table lock).</summary>
    PageTable,

    /// <summary>The pages of a file (address_space.i_pages, an XArray's lock).</summary>
    PageCache,

    /// <summary>A swap area and its clusters.</summary>
    Swap,

    /// <summary>The lists of pages that can leave: lruvec.lru_lock.</summary>
    Lru,

    /// <summary>The free lists of a zone: zone.lock, behind the per-CPU lists.</summary>
    Zone,

    /// <summary>A block device's queue.</summary>
    DeviceQueue,

    /// <summary>No lock: the memory of a socket, which zeroing and copying wait for.</summary>
    Memory,
}

/// <summary>Names of the lock classes.</summary>
public static class LockClasses
{
    private static readonly string[] Names =
    [
        "mmap_lock", "vma_lock", "anon_vma", "i_mmap_rwsem", "page_table", "i_pages", "swap", "lru_lock", "zone_lock",
        "queue", "memory",
    ];

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;

    /// <summary>A class's name, as in tables, JSON and options.</summary>
    public static string NameOf(LockClass lockClass) => Names[(int)lockClass];

    /// <summary>Whether those who wait for it sleep in Linux, and others may run meanwhile.</summary>
    public static bool Sleeps(LockClass lockClass) =>
        lockClass is LockClass.MmapLock or LockClass.VmaLock or LockClass.AnonVma or LockClass.IMmap;
}
