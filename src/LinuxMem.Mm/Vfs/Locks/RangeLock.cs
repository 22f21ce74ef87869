namespace LinuxMem.Mm.Vfs.Locks;

/// <summary>A lock on bytes of a file.</summary>
/// <param name="Owner">Whose it is: a table of descriptors, or an open file.</param>
/// <param name="Pid">The process that took it; -1 where its owner is an open file.</param>
/// <param name="First">The first byte.</param>
/// <param name="Last">The last byte; the largest number for all that may come.</param>
/// <param name="IsExclusive">Whether it keeps readers out too.</param>
public sealed record RangeLock(object Owner, int Pid, long First, long Last, bool IsExclusive)
{
    /// <summary>Whether it covers a byte of a range.</summary>
    public bool Overlaps(long first, long last) => First <= last && first <= Last;
}
