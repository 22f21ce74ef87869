namespace LinuxMem.Audit.Snapshots;

/// <summary>A block on one of the buddy allocator's free lists, as walking that list finds it. In any order.</summary>
public struct FreeBlockRecord
{
    /// <summary>The zone whose list it is on, as an index into the zones.</summary>
    public int ZoneIndex { get; set; }

    /// <summary>log2 of its frames, by the list that it is on; 0 to 10.</summary>
    public int Order { get; set; }

    /// <summary>The list's migratetype: 0 unmovable, 1 movable, 2 reclaimable; higher ones never merge.</summary>
    public int MigrateType { get; set; }

    /// <summary>Its first frame.</summary>
    public uint Pfn { get; set; }
}

/// <summary>
/// The kernel's counter of one free list (free_area.nr_free by migratetype). A list without a record counts none.
/// </summary>
public struct FreeCounterRecord
{
    /// <summary>The zone, as an index into the zones.</summary>
    public int ZoneIndex { get; set; }

    /// <summary>The list's order, 0 to 10.</summary>
    public int Order { get; set; }

    /// <summary>The list's migratetype, 0 to 7.</summary>
    public int MigrateType { get; set; }

    /// <summary>Blocks on the list.</summary>
    public long Count { get; set; }
}
