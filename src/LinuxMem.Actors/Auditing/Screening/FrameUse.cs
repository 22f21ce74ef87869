namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>Who uses a frame, by what was found at the last look.</summary>
internal struct FrameUse
{
    /// <summary>Entries that map it, other than as the zero page.</summary>
    public int Mapped;

    /// <summary>Entries that map it for writing.</summary>
    public int Writable;

    /// <summary>Entries that map it as the zero page.</summary>
    public int ZeroMapped;

    /// <summary>Of all entries, those that came with the look <see cref="FreshLook"/>.</summary>
    public int Fresh;

    /// <summary>The look at which an entry for it came last.</summary>
    public int FreshLook;

    /// <summary>Page tables in it.</summary>
    public int Tables;

    /// <summary>How often it waits for TLBs.</summary>
    public int Parked;

    /// <summary>Free blocks that it lies inside of, other than as the first frame.</summary>
    public int Inside;
}
