using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>
/// Remembers of every kill who there was to choose from, and what each had: for who checks the choice (I42).
/// </summary>
public sealed class OomWitness
{
    private readonly List<OomCandidate> candidates = [];
    private int kills;

    /// <summary>The processes of every kill since <see cref="Clear"/>, those of one kill together.</summary>
    public IReadOnlyList<OomCandidate> Candidates => candidates;

    /// <summary>Forgets.</summary>
    public void Clear() => candidates.Clear();

    /// <summary>Somebody is about to be killed.</summary>
    /// <param name="groups">Those who could be.</param>
    /// <param name="victim">Who will be.</param>
    /// <param name="totalPages">Pages of RAM and swap.</param>
    /// <param name="memory">The frames; null where idle pages would not help.</param>
    internal void Note(IEnumerable<ThreadGroup> groups, ThreadGroup victim, long totalPages, KernelMemory? memory)
    {
        kills++;
        long idle = memory is null ? 0 : IdleFilePages(memory);
        foreach (ThreadGroup group in groups)
        {
            if (group.IsDead || group.IsReaped)
                continue;
            TaskStruct first = group.Tasks[0];
            candidates.Add(new OomCandidate(kills, group.Pid,
                first.Mm.Rss + first.Mm.SwapEntries + OomKiller.TablePages(first.Mm), group.OomScoreAdj,
                first.VforkParent is not null, first.GroupExiting, group == victim, totalPages, idle,
                OomKiller.IsOrigin(group)));
        }
    }

    // Those that somebody waited for are not idle.
    private static long IdleFilePages(KernelMemory memory)
    {
        const PageFlags busy = PageFlags.Dirty | PageFlags.Locked | PageFlags.Writeback;
        long pages = 0;
        for (uint pfn = 1; pfn < memory.Map.FrameCount; pfn++)
        {
            PageFrame frame = memory.Map[new Pfn(pfn)];
            pages += frame is { Place: FramePlace.File, MapCount: 0, RefCount: 1 }
                && (frame.Flags & PageFlags.Lru) != 0 && (frame.Flags & busy) == 0
                && !memory.Held.Has(new Pfn(pfn)) ? 1 : 0;
        }

        return pages;
    }
}

/// <summary>A process as it was at a kill.</summary>
/// <param name="Kill">Which kill, from 1.</param>
/// <param name="Pid">The process.</param>
/// <param name="Pages">What it had in memory, in swap and in page tables.</param>
/// <param name="ScoreAdj">Its oom_score_adj.</param>
/// <param name="IsInVfork">Whether it has its parent's memory.</param>
/// <param name="IsDying">Whether it was dying.</param>
/// <param name="IsVictim">Whether it was chosen.</param>
/// <param name="TotalPages">Pages of RAM and swap.</param>
/// <param name="IdleFilePages">Pages of files that nothing needed.</param>
/// <param name="IsOrigin">Whether it was bringing back what a swap area holds.</param>
public readonly record struct OomCandidate(int Kill, int Pid, long Pages, int ScoreAdj, bool IsInVfork, bool IsDying,
    bool IsVictim, long TotalPages, long IdleFilePages, bool IsOrigin = false);
