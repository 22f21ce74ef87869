using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// The pages of processes, one process after the other: what a policy walks that looks at processes rather than frames.
/// </summary>
public interface IProcessWalk
{
    /// <summary>Processes with memory of their own (nr_tasks).</summary>
    int Count { get; }

    /// <summary>The first process behind another, by number, that has pages in memory; null if there is none.</summary>
    IWalkedProcess? NextAfter(int id);

    /// <summary>
    /// The next page of a process, from where the walk through it was left; none at its end, after which it starts
    /// anew. Mappings that are locked in memory are left out.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="accessed">Whether its accessed bit was set, which it is no more.</param>
    Pfn Next(IWalkedProcess process, out bool accessed);

    /// <summary>
    /// Takes the page that <see cref="Next"/> gave last out of that process's page table. Precondition: others map it
    /// too, and it has a place in the page cache.
    /// </summary>
    void Drop();

    /// <summary>Lets TLBs forget what was dropped.</summary>
    void Finish();
}

/// <summary>A process as <see cref="IProcessWalk"/> sees it.</summary>
public interface IWalkedProcess
{
    /// <summary>Its number.</summary>
    int Id { get; }

    /// <summary>Pages of it in memory.</summary>
    long Rss { get; }

    /// <summary>Pages that it still has to give before the walk goes on to the next process (swap_cnt).</summary>
    int SwapCount { get; set; }
}
