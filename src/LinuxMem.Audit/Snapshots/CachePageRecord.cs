namespace LinuxMem.Audit.Snapshots;

/// <summary>A page of the page cache.</summary>
public struct CachePageRecord
{
    /// <summary>The file or shared memory object.</summary>
    public int MappingId { get; set; }

    /// <summary>The page's index in it.</summary>
    public uint Index { get; set; }

    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }
}
