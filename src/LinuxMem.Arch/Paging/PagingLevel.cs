namespace LinuxMem.Arch.Paging;

/// <summary>One level of a page table: which bits of a virtual address index its tables.</summary>
/// <param name="Name">As Linux calls it: pgd, p4d, pud, pmd or pte.</param>
/// <param name="Shift">The lowest bit of the index.</param>
/// <param name="Bits">The width of the index; a table has 2^Bits entries.</param>
public sealed record PagingLevel(string Name, int Shift, int Bits)
{
    /// <summary>Entries in a table of this level.</summary>
    public int EntryCount => 1 << Bits;

    /// <summary>Bytes of address space that one entry covers.</summary>
    public ulong SpanBytes => 1UL << Shift;

    /// <summary>The index of an address in a table of this level.</summary>
    public int IndexOf(ulong va) => (int)(va >> Shift) & ((1 << Bits) - 1);
}
