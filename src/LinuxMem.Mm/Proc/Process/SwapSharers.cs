using System.Runtime.InteropServices;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>How many entries of page tables name a slot of swap.</summary>
/// <remarks>
/// Linux: mm/swapfile.c: swp_swapcount, v6.18, which looks into the swap map. That is the SwapActor's; a reader of
/// /proc counts in the page tables instead, which come to the same number (I31). They are gone over once for each
/// moment, and only if somebody asks for a slot that may be shared. Cost: O(tables of all processes that have pages in
/// swap).
/// </remarks>
public sealed class SwapSharers
{
    private readonly ProcContext context;
    private readonly Dictionary<SwapEntry, int> counts = [];
    private long countedAtNs = -1;

    /// <summary>Of one machine.</summary>
    public SwapSharers(ProcContext context) => this.context = context;

    /// <summary>Entries that name a slot now.</summary>
    public int CountOf(SwapEntry slot)
    {
        if (countedAtNs != context.NowNs)
            Count();
        return counts.GetValueOrDefault(slot);
    }

    private void Count()
    {
        counts.Clear();
        countedAtNs = context.NowNs;
        var pages = new MappedPages(context.Memory);
        var seen = new HashSet<Mm>();
        foreach (ThreadGroup group in context.Tasks.Groups)
        {
            if (group.Tasks.Count == 0 || group.Tasks[0].Mm is not { SwapEntries: > 0 } mm || !seen.Add(mm))
                continue;
            for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
            {
                pages.Visit(mm, vma, (ulong _, in MemMaps.PageFrame _) => { }, (slot, _) =>
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, slot, out bool _)++);
            }
        }
    }
}
