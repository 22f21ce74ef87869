namespace LinuxMem.Proofs.Search;

/// <summary>What a search came to; the same for any number of workers.</summary>
/// <param name="States">Different states that were reached.</param>
/// <param name="Transitions">Operations that were done, each compared with the model.</param>
/// <param name="Depth">Operations from the beginning to the states farthest from it.</param>
/// <param name="IsComplete">Whether there is no state that was not reached.</param>
/// <param name="Finding">The first thing that is wrong, by the fewest operations; null if there is none.</param>
public sealed record StateSearchResult(
    long States, long Transitions, int Depth, bool IsComplete, StateFinding? Finding);

/// <summary>Something that is wrong.</summary>
/// <param name="Text">What.</param>
/// <param name="Path">The operations that lead there from the beginning.</param>
public sealed record StateFinding(string Text, IReadOnlyList<string> Path);
