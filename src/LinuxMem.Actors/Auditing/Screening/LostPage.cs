namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>A page whose entry is not what it was.</summary>
/// <param name="MmId">The address space.</param>
/// <param name="Va">Where the page begins.</param>
internal readonly record struct LostPage(int MmId, ulong Va);
