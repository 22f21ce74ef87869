namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// A record that belongs to an address space. In its list the records of one address space stand together.
/// </summary>
public interface IOfMm
{
    /// <summary>The address space's number.</summary>
    int MmId { get; }
}
