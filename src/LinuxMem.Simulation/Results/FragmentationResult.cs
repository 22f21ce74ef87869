namespace LinuxMem.Simulation.Results;

/// <summary>How far a zone's free memory is broken up, for blocks of one order.</summary>
/// <param name="Zone">The zone, as /proc/buddyinfo calls it.</param>
/// <param name="Order">log2 of the frames of a block.</param>
/// <param name="FreeBlocks">Free blocks of just this order.</param>
/// <param name="Unusable">The part of free memory that is of no use for it, in thousandths.</param>
/// <param name="Extfrag">
/// Why an allocation would fail, in thousandths: towards 0 for want of memory, towards 1000 because what is free is
/// broken up; -1000 if it would not fail.
/// </param>
public sealed record FragmentationResult(string Zone, int Order, long FreeBlocks, int Unusable, int Extfrag);
