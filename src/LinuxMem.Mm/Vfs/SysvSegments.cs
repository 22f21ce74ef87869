using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Tasks;

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

    /// <summary>
    /// Makes a segment, with the wanted id or the next; null if there are not as many huge pages as it wants.
    /// </summary>
    public SysvSegment? Add(int key, ulong bytes, uint mode, Credentials owner, HugePool? pool, bool reserves,
        int? wantedId)
    {
        HugeFile? huge = pool is null ? null : new HugeFile(pool, reservesWhenMade: true);
        ulong length = pool is null ? bytes : (bytes + pool.Bytes - 1) & ~(pool.Bytes - 1);
        if (huge is not null && reserves && !huge.TryReserve(0, length >> pool!.Shift))
            return null;
        int id = wantedId ?? nextId;
        nextId = Math.Max(nextId, id) + 1;
        string name = "/SYSV" + key.ToString("x8", System.Globalization.CultureInfo.InvariantCulture) + " (deleted)";
        Inode inode = objects.Create(InodeKind.Shmem, name, huge);
        inode.SizeBytes = length;
        var segment = new SysvSegment(id, key, bytes, new OpenFile(inode, OpenFlags.ReadWrite, name))
        {
            Table = this,
            Mode = mode,
            OwnerUid = owner.Euid,
            OwnerGid = owner.Egid,
        };
        segment.Keeper.Get();
        inode.Segment = segment;
        segments[id] = segment;
        return segment;
    }

    /// <summary>Bytes of the segments that a user has locked.</summary>
    public ulong LockedBytesOf(uint uid)
    {
        ulong bytes = 0;
        foreach (SysvSegment segment in segments.Values)
            bytes += segment.LockedBy == uid ? segment.Keeper.Inode.SizeBytes : 0;
        return bytes;
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
    /// <summary>Rights of its owner, the owner's group and others, as of a file.</summary>
    public uint Mode { get; set; }

    /// <summary>Who made it.</summary>
    public uint OwnerUid { get; set; }

    /// <summary>The table that it is in.</summary>
    public required SysvSegments Table { get; init; }

    /// <summary>The group of who made it.</summary>
    public uint OwnerGid { get; set; }

    /// <summary>Whether a task may do what the bits ask for, in the places of any of the three.</summary>
    /// <remarks>Linux: ipc/util.c: ipcperms, v6.18.</remarks>
    public bool Allows(Credentials task, uint asked)
    {
        uint wanted = (asked >> 6) | (asked >> 3) | asked;
        uint granted = task.Euid == OwnerUid ? Mode >> 6 : task.Egid == OwnerGid ? Mode >> 3 : Mode;
        return (wanted & ~granted & 7) == 0 || task.Has(Capabilities.IpcOwner);
    }

    /// <summary>The user whose SHM_LOCK keeps it in memory; null if it is not locked (SHM_LOCKED).</summary>
    public uint? LockedBy { get; set; }

    /// <summary>Whether it was removed (SHM_DEST).</summary>
    public bool IsDoomed { get; set; }

    /// <summary>Mappings of it (shm_nattch).</summary>
    public int Attached => Keeper.Inode.Mapping.VmaCount;
}
