namespace LinuxMem.Actors.Tests.Support;

/// <summary>How wild the programs of a scenario are.</summary>
/// <param name="Steps">Most batches of a task.</param>
/// <param name="Depth">Generations of children.</param>
/// <param name="PagesMax">Most pages of a mapping.</param>
/// <param name="Reckless">Percent of accesses and changes that may hit what others use or nobody has.</param>
/// <param name="BatchMax">Most accesses in a run.</param>
internal sealed record ChaosRules(int Steps, int Depth, int PagesMax, int Reckless, int BatchMax);
