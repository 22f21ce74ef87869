using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Takes what a file holds page by page, without a copy.</summary>
public interface IPageTaker
{
    /// <summary>
    /// Takes a part of a page of the page cache; false if there is no room for it, which ends the reading.
    /// </summary>
    bool Take(Pfn page, int offset, int length);

    /// <summary>Takes bytes of a page that the page cache does not have; false if there is no room for them.</summary>
    bool Take(ReadOnlySpan<byte> bytes, int offset);
}
