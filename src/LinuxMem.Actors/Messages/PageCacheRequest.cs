using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Actors.Messages;

/// <summary>What the kernel asks of the page cache.</summary>
public enum PageCacheQuestion
{
    /// <summary>Which of some consecutive pages are there.</summary>
    Lookup,

    /// <summary>Which pages come next from one index on.</summary>
    Find,

    /// <summary>Give up all pages of a mapping.</summary>
    Drop,

    /// <summary>Every page, for the audit.</summary>
    Export,
}

/// <summary>
/// The message between the kernel and the page cache, both ways. One object, used for the whole run: there is one
/// question under way at most. Pages that the kernel has made since the last question travel with the next.
/// </summary>
public sealed class PageCacheRequest
{
    /// <summary>The question's number: the kernel's own count.</summary>
    public long Number { get; set; }

    /// <summary>Answer: its number, the page cache's own count.</summary>
    public long AnswerNumber { get; set; }

    /// <summary>Answer: questions that came to the page cache after later ones, since the start of the run.</summary>
    public long QuestionsOvertaken { get; set; }

    /// <summary>The question.</summary>
    public PageCacheQuestion Question { get; set; }

    /// <summary>The mapping asked about.</summary>
    public int MappingId { get; set; }

    /// <summary>Lookup, Find: the first page.</summary>
    public uint First { get; set; }

    /// <summary>Lookup: how many pages. Find: how many at most.</summary>
    public int Count { get; set; }

    /// <summary>New pages, to be taken in before the question is answered.</summary>
    public List<PageInsert> Inserts { get; } = [];

    /// <summary>
    /// Answer to Lookup and Find: frame numbers, 0 where there is no (further) page; <see cref="Count"/> are valid.
    /// </summary>
    public uint[] Pages { get; } = new uint[FileFaultWindow.PagesMax];

    /// <summary>Answer to Drop: the frames.</summary>
    public List<Pfn> Dropped { get; } = [];

    /// <summary>Answer to Export: every page.</summary>
    public List<PageInsert> Exported { get; } = [];
}

/// <summary>The size of a look-up.</summary>
public static class FileFaultWindow
{
    /// <summary>The most pages that one look-up asks for.</summary>
    public const int PagesMax = PageLookup.CountMax;
}
