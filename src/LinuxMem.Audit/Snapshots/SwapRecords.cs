namespace LinuxMem.Audit.Snapshots;

/// <summary>A page-table entry that names a slot of swap.</summary>
public struct SwapPteRecord
{
    /// <summary>The address space; 0 if it is shared memory that names the slot.</summary>
    public int MmId { get; set; }

    /// <summary>The object of shared memory that names the slot; 0 if an address space does.</summary>
    public int MappingId { get; set; }

    /// <summary>The address of the page; in shared memory, its index.</summary>
    public ulong Va { get; set; }

    /// <summary>The area, from 0.</summary>
    public int Area { get; set; }

    /// <summary>The slot in it.</summary>
    public uint Slot { get; set; }
}

/// <summary>A slot of swap that is in use, as the owner of swap reports it.</summary>
public struct SwapSlotRecord
{
    /// <summary>The area, from 0.</summary>
    public int Area { get; set; }

    /// <summary>The slot in it.</summary>
    public uint Slot { get; set; }

    /// <summary>The swap map's count of entries that name it.</summary>
    public int Count { get; set; }

    /// <summary>Whether the swap map says that the swap cache holds it.</summary>
    public bool IsCached { get; set; }

    /// <summary>The frame that the swap cache has for it; 0 for none.</summary>
    public uint Pfn { get; set; }

    /// <summary>Whether that frame is mapped nowhere, unchanged since it was read or written, and under no
    /// I/O.</summary>
    public bool IsClean { get; set; }

    /// <summary>Whether the slot holds what the frame does.</summary>
    public bool HoldsTheSame { get; set; }
}
