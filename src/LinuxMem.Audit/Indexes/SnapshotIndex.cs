using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>The look-ups that checkers share, built once for each snapshot and reused for the next.</summary>
internal sealed class SnapshotIndex
{
    /// <summary>The snapshot.</summary>
    public MachineSnapshot Snapshot { get; private set; } = new();

    /// <summary>Frame records by number.</summary>
    public FrameIndex Frames { get; } = new();

    /// <summary>Who uses each frame.</summary>
    public FrameUses Uses { get; } = new();

    /// <summary>Address spaces and their records.</summary>
    public MmIndex Mms { get; } = new();

    /// <summary>Page-table entries by address.</summary>
    public PteIndex Ptes { get; } = new();

    /// <summary>
    /// Frames that are mapped both as a private page and as an object's, by the index of their record; I13 fills it.
    /// </summary>
    public HashSet<int> MappedAsBoth { get; } = [];

    /// <summary>Address space identifiers.</summary>
    public AsidIndex Asids { get; } = new();

    /// <summary>Builds everything.</summary>
    /// <exception cref="MalformedSnapshotException">The snapshot breaks its own format.</exception>
    public void Build(MachineSnapshot snapshot)
    {
        Snapshot = snapshot;
        Frames.Build(snapshot);
        Uses.Build(snapshot, Frames);
        Mms.Build(snapshot);
        Ptes.Build(snapshot, Mms);
        Asids.Build(snapshot, Mms);
    }

    /// <summary>Builds what the checkers of the small sections need.</summary>
    /// <exception cref="MalformedSnapshotException">The snapshot breaks its own format.</exception>
    public void BuildSections(MachineSnapshot snapshot)
    {
        Snapshot = snapshot;
        Mms.Build(snapshot);
        Asids.Build(snapshot, Mms);
    }

    /// <summary>The place of a frame by number; <see cref="FramePlace.Untouched"/> if it has no record.</summary>
    public FramePlace PlaceOf(uint pfn)
    {
        int frame = Frames.Find(pfn);
        return frame < 0 ? FramePlace.Untouched : Uses.Places[frame];
    }

    /// <summary>Whether frames of that place are free, so that nothing may refer to them.</summary>
    public static bool IsFree(FramePlace place) => place <= FramePlace.PerCpuList;
}
