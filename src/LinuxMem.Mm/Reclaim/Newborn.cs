using LinuxMem.Abi;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Reclaim;

/// <summary>A process that could not start for want of memory, and is tried again.</summary>
/// <remarks>
/// Between fork and its first instruction: it has hardly any memory, but it can be chosen to die for it (oom_badness).
/// </remarks>
public sealed class Newborn
{
    /// <summary>Which process of the scenario it is.</summary>
    public required int Number { get; init; }

    /// <summary>Its name.</summary>
    public required string Comm { get; init; }

    /// <summary>The pid that it wants; 0 for the next.</summary>
    public int WishedPid { get; init; }

    /// <summary>Its limits.</summary>
    public required ResourceLimits Limits { get; init; }

    /// <summary>Whose it is.</summary>
    public uint Uid { get; init; }

    /// <summary>Its oom_score_adj.</summary>
    public int OomScoreAdj { get; init; }

    /// <summary>The memory cgroup that it belongs to; null for the root.</summary>
    public MemCgroup? Cgroup { get; init; }

    /// <summary>The group that has no room for it; null if it is the machine that has none.</summary>
    public MemCgroup? FullGroup { get; set; }

    /// <summary>What it was refused.</summary>
    public AllocWish Wish { get; set; }

    /// <summary>Whether it was killed: it will not start any more.</summary>
    public bool IsKilled { get; set; }
}

/// <summary>The processes that wait for memory to start.</summary>
public sealed class Newborns
{
    private readonly Dictionary<int, Newborn> waiting = [];

    /// <summary>The one that was refused memory last, since this was set to null; it will be tried again.</summary>
    public Newborn? Refused { get; private set; }

    /// <summary>What a process is remembered by that was refused before; null if it was not.</summary>
    public Newborn? Find(int number) => waiting.GetValueOrDefault(number);

    /// <summary>A process was refused memory.</summary>
    public void Refuse(Newborn newborn)
    {
        waiting[newborn.Number] = newborn;
        Refused = newborn;
    }

    /// <summary>A process has started, or never will.</summary>
    public void Forget(int number) => waiting.Remove(number);

    /// <summary>Takes the one that was refused last; null if there was none.</summary>
    public Newborn? Take()
    {
        Newborn? refused = Refused;
        Refused = null;
        return refused;
    }
}
