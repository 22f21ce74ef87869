using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Block;

/// <summary>The frames whose last read has failed: they are in a cache, and not uptodate.</summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_fault (page_not_uptodate), filemap_read_folio, v6.18: whoever finds such a page has it
/// read once more, and gives up if that fails too.
/// </remarks>
public sealed class ReadErrors
{
    private readonly Dictionary<uint, bool> triedAgain = [];

    /// <summary>Number of such frames.</summary>
    public int Count => triedAgain.Count;

    /// <summary>Whether a frame is one.</summary>
    public bool Has(Pfn page) => triedAgain.Count > 0 && triedAgain.ContainsKey(page.Value);

    /// <summary>
    /// Somebody needs the frame: true if it is to be read again, false if that has been done in vain. Precondition: it
    /// is one.
    /// </summary>
    public bool MayTryAgain(Pfn page)
    {
        bool may = !triedAgain[page.Value];
        triedAgain[page.Value] = may;
        return may;
    }

    internal void Failed(Pfn page) => triedAgain.TryAdd(page.Value, false);

    /// <summary>The frame was read, or is something else from now on.</summary>
    public void Forget(Pfn page)
    {
        if (triedAgain.Count > 0)
            triedAgain.Remove(page.Value);
    }
}
