namespace LinuxMem.Mm.Syscalls;

/// <summary>A range whose pages are to be faulted in before the call returns (MAP_POPULATE, MAP_LOCKED).</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address beyond.</param>
public readonly record struct PopulateRange(ulong Start, ulong End)
{
    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Start >= End;
}
