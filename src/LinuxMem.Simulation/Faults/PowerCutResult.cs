namespace LinuxMem.Simulation.Faults;

/// <summary>What came of cutting the power after every write of a disk.</summary>
/// <param name="Cuts">How often it was cut.</param>
/// <param name="TornPages">Pages that were being written then, each cut counted: any part of them may be there.</param>
/// <param name="Promises">Pages of which fsync, msync or sync said that they are on the disk.</param>
/// <param name="Checks">Pages compared.</param>
/// <param name="LostByDisk">Of those, the ones that the disk has dropped, as it was told to.</param>
/// <param name="Violations">What was promised and is not there; the first hundred.</param>
public sealed record PowerCutResult(
    long Cuts, long TornPages, long Promises, long Checks, long LostByDisk, IReadOnlyList<string> Violations)
{
    /// <summary>What is broken where something promised is not there; every violation begins with it.</summary>
    public const string Invariant = "I38";

    /// <summary>What the disk held at each cut; null if that was not to be kept.</summary>
    public PowerCutMedium? Medium { get; init; }
}
