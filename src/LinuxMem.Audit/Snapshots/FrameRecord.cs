namespace LinuxMem.Audit.Snapshots;

/// <summary>A frame of RAM and what mem_map says about it.</summary>
public struct FrameRecord
{
    /// <summary>The frame's number. Records come in ascending order of it.</summary>
    public uint Pfn { get; set; }

    /// <summary>Where the kernel says that the frame is.</summary>
    public FramePlace Place { get; set; }

    /// <summary>For a <see cref="FramePlace.BuddyHead"/>, log2 of the block's frames; else of no meaning.</summary>
    public byte Order { get; set; }

    /// <summary>The page flags.</summary>
    public FrameFlags Flags { get; set; }

    /// <summary>References, as the kernel counts them.</summary>
    public int RefCount { get; set; }

    /// <summary>
    /// Page-table entries that map it, as the kernel counts them; those of the zero page are not counted.
    /// </summary>
    public int MapCount { get; set; }

    /// <summary>
    /// Page-table entries that the kernel finds when it goes from the frame to who maps it (reverse mapping).
    /// </summary>
    public int RmapCount { get; set; }

    /// <summary>
    /// References beside the mappings: 1 for a slot in the page cache, 1 for use as a page table, what the kernel
    /// holds of its own and reserved frames, and those of operations under way. Not to be computed as the difference
    /// of the two counts above.
    /// </summary>
    public int ExtraRefs { get; set; }

    /// <summary>
    /// For Shmem and File, the object (<see cref="CachePageRecord.MappingId"/>); for Anon, negative if it is a page
    /// that was merged of several.
    /// </summary>
    public int Owner { get; set; }

    /// <summary>Locked mappings that it has, as the kernel counts them; 0 of frames that may leave.</summary>
    public int MlockCount { get; set; }

    /// <summary>Whether an I/O is under way for it, as the queue of I/Os knows.</summary>
    public bool HasIo { get; set; }

    /// <summary>For Shmem and File, the page's index in the object.</summary>
    public uint Index { get; set; }
}
