namespace LinuxMem.Audit.Snapshots;

/// <summary>Where a frame is: exactly one of these (I01). The numbers are those of the kernel's own tag.</summary>
public enum FramePlace : byte
{
    /// <summary>Inside a free buddy block, but not its head. Such frames have no record.</summary>
    Untouched = 0,

    /// <summary>The head of a free buddy block.</summary>
    BuddyHead,

    /// <summary>On a CPU's list of free pages.</summary>
    PerCpuList,

    /// <summary>Never given to the allocator.</summary>
    Reserved,

    /// <summary>A page table.</summary>
    PageTable,

    /// <summary>A private page of processes.</summary>
    Anon,

    /// <summary>A page of a shared memory object.</summary>
    Shmem,

    /// <summary>A page of a file in the page cache.</summary>
    File,

    /// <summary>A private page that also has a slot of swap.</summary>
    SwapCache,

    /// <summary>The kernel's own.</summary>
    Kernel,

    /// <summary>Mapped nowhere any more, and parked until no TLB can name it.</summary>
    Isolated,

    /// <summary>Taken out of use after a memory error.</summary>
    Poisoned,
}
