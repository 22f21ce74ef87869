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

    /// <summary>Whether it is a file's that marks its dirty pages.</summary>
    public bool HasMarks { get; set; }

    /// <summary>Whether the file has marked it dirty.</summary>
    public bool IsMarkedDirty { get; set; }

    /// <summary>
    /// Whether it is a file's page, uptodate, not dirty and under no I/O, so that <see cref="HoldsTheSame"/> tells.
    /// </summary>
    public bool IsClean { get; set; }

    /// <summary>Whether the disk holds what the frame does, up to the end of the file.</summary>
    public bool HoldsTheSame { get; set; }
}
