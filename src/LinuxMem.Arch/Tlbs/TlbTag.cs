namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// What TLB entries are found by: the page's address in bits 0 to 57 with the ASID in place of the offset inside the
/// page. An AND and an OR make it from a <see cref="Abi.ScatterEntry"/>; canonical addresses of all geometries are
/// different in 58 bits.
/// </summary>
internal static class TlbTag
{
    /// <summary>Bits of an address that a tag keeps.</summary>
    public const int AddressBits = 58;

    /// <summary>How many ASIDs fit into the offset of the smallest page.</summary>
    public const int AsidCountMax = 4096;

    /// <summary>The tag of an empty slot, which no access has.</summary>
    public const ulong Empty = ulong.MaxValue;

    /// <summary>The address bits of tags that stand for 2^<paramref name="shift"/> bytes each.</summary>
    public static ulong AddressMask(int shift) => ((1UL << AddressBits) - 1) & ~((1UL << shift) - 1);

    /// <summary>The ASID of a tag.</summary>
    public static ushort AsidOf(ulong tag) => (ushort)(tag & (AsidCountMax - 1));
}
