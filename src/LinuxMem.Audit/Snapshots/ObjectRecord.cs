namespace LinuxMem.Audit.Snapshots;

/// <summary>An object that VMAs map: a file or shared memory.</summary>
public struct ObjectRecord
{
    /// <summary>Its number (<see cref="CachePageRecord.MappingId"/>).</summary>
    public int MappingId { get; set; }

    /// <summary>
    /// Its first page that is behind its end, and behind a folio across that end, which Linux could not split when the
    /// file was cut (mm/truncate.c: truncate_inode_partial_folio).
    /// </summary>
    public ulong EndIndex { get; set; }

    /// <summary>Whether it outlives the processes that use it: it has a name by which others find it.</summary>
    public bool HasName { get; set; }

    /// <summary>Pages that were promised to it for as long as it lives.</summary>
    public long CommittedPages { get; set; }
}
