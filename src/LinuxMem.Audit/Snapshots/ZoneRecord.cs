namespace LinuxMem.Audit.Snapshots;

/// <summary>A zone of frames. Its index in the list of zones is its name in other records.</summary>
public struct ZoneRecord
{
    /// <summary>One that ends nowhere yet, with the orders of Linux 6.18.</summary>
    public ZoneRecord()
    {
    }

    /// <summary>The largest order of its free blocks, at most 10 (MAX_PAGE_ORDER).</summary>
    public int MaxOrder { get; set; } = 10;

    /// <summary>As /proc/buddyinfo calls it.</summary>
    public string? Name { get; set; }

    /// <summary>The first frame.</summary>
    public uint StartPfn { get; set; }

    /// <summary>One past the last frame.</summary>
    public uint EndPfn { get; set; }

    /// <summary>Frames that were given to the allocator.</summary>
    public long ManagedPages { get; set; }

    /// <summary>Its min watermark, in frames.</summary>
    public long MinPages { get; set; }

    /// <summary>The kernel's count of frames in free blocks (NR_FREE_PAGES): without those on per-CPU lists.</summary>
    public long NrFreeCounter { get; set; }
}
