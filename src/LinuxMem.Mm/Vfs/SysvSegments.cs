using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Vfs;

/// <summary>The segments of System V shared memory.</summary>
/// <remarks>
/// Linux: ipc/shm.c: shm_ids, v6.18. A segment is a file of shared memory that the table keeps open until it is removed
/// and nobody has it attached any more.
/// </remarks>
public sealed class SysvSegments
{
    private readonly SharedObjects objects;
    private readonly SortedDictionary<int, SysvSegment> segments = [];
    private int nextId;

    /// <summary>None yet.</summary>
    public SysvSegments(SharedObjects objects) => this.objects = objects;

    /// <summary>The highest id in use, or 0 (shm_info).</summary>
    public int HighestIndex => segments.Count == 0 ? 0 : segments.Keys.Last();

    /// <summary>The segment of an id, or null.</summary>
    public SysvSegment? Find(int id) => segments.GetValueOrDefault(id);

    /// <summary>The segment of a key, or null; IPC_PRIVATE (0) is nobody's key.</summary>
    public SysvSegment? FindKey(int key) =>
        key == 0 ? null : segments.Values.FirstOrDefault(s => s.Key == key && !s.IsDoomed);

    /// <summary>Makes a segment, with the wanted id or the next.</summary>
    public SysvSegment Add(int key, ulong bytes, int? wantedId)
    {
        int id = wantedId ?? nextId;
        nextId = Math.Max(nextId, id) + 1;
        string name = "/SYSV" + key.ToString("x8", System.Globalization.CultureInfo.InvariantCulture) + " (deleted)";
        Inode inode = objects.Create(InodeKind.Shmem, name);
        inode.SizeBytes = bytes;
        var segment = new SysvSegment(id, key, bytes, new OpenFile(inode, OpenFlags.ReadWrite, name));
        segment.Keeper.Get();
        inode.Segment = segment;
        segments[id] = segment;
        return segment;
    }

    /// <summary>Removes a segment: at once if nobody has it attached, else with the last who has.</summary>
    public void Remove(SysvSegment segment)
    {
        segment.IsDoomed = true;
        Check(segment);
    }

    /// <summary>Notes that a segment may have lost its last attachment.</summary>
    public void Check(SysvSegment segment)
    {
        if (!segment.IsDoomed || segment.Attached > 0 || !segments.Remove(segment.Id))
            return;
        segment.Keeper.Put();
    }

    /// <summary>
    /// Removes the doomed segments that nobody has attached any more: after an exit, an munmap, an execve.
    /// </summary>
    public void CheckAll()
    {
        foreach (SysvSegment segment in segments.Values.Where(s => s.IsDoomed && s.Attached == 0).ToArray())
            Check(segment);
    }
}

/// <summary>A segment of System V shared memory.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Key">Its key; 0 for IPC_PRIVATE.</param>
/// <param name="Bytes">Its size as asked for.</param>
/// <param name="Keeper">What keeps it while nobody has it attached.</param>
public sealed record SysvSegment(int Id, int Key, ulong Bytes, OpenFile Keeper)
{
    /// <summary>Whether it was removed (SHM_DEST).</summary>
    public bool IsDoomed { get; set; }

    /// <summary>Mappings of it (shm_nattch).</summary>
    public int Attached => Keeper.Inode.Mapping.VmaCount;
}
