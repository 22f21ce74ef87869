using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Pages of memory and of files that pipes refer to, whoever else maps, caches or gives them up.</summary>
/// <remarks>
/// Linux: fs/splice.c: iter_to_pipe; mm/filemap.c: splice_folio_into_pipe, which hold a reference to the folio for each
/// buffer of a pipe (FOLL_GET, not FOLL_PIN: a fork shares such a page as any other), v6.18. Linux unmaps such a page
/// when it reclaims and finds only then that somebody refers to it; here it stays mapped.
/// </remarks>
public sealed class LentPages
{
    private readonly KernelMemory memory;
    private readonly SortedDictionary<uint, int> counts = [];

    /// <summary>None yet, of one machine's memory.</summary>
    internal LentPages(KernelMemory memory) => this.memory = memory;

    /// <summary>The frames in ascending order, and how many references each has from here.</summary>
    public IReadOnlyDictionary<uint, int> References => counts;

    /// <summary>Whether a pipe refers to a page.</summary>
    public bool Has(Pfn page) => counts.Count > 0 && counts.ContainsKey(page.Value);

    /// <summary>Takes a reference; the page of zeros is not counted. A page on its way out of memory stays.</summary>
    public void Lend(Pfn page)
    {
        if (page == memory.ZeroPage)
            return;
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.Reclaim) != 0)
            memory.KeepReclaimed(page);
        frame.RefCount++;
        counts[page.Value] = counts.GetValueOrDefault(page.Value) + 1;
    }

    /// <summary>Gives a reference back; with the last of all, the page is free.</summary>
    public void Return(Pfn page)
    {
        if (page == memory.ZeroPage)
            return;
        KernelBug.Assert(counts.TryGetValue(page.Value, out int left),
            $"I10 violated: frame {page} is given back by a pipe that has not got it");
        if (left == 1)
            counts.Remove(page.Value);
        else
            counts[page.Value] = left - 1;
        memory.PutPage(page, 0);
    }

    /// <summary>What a page holds now.</summary>
    public void Read(Pfn page, int offset, Span<byte> into) => memory.Ram.ReadBytes(page, offset, into);
}
