namespace LinuxMem.Abi;

/// <summary>
/// One access packed in 64 bits, for addresses that form no row: bits 0-57 the virtual address, sign-extended from bit
/// 57 when read back, bits 62-63 the <see cref="AccessKind"/>.
/// </summary>
/// <remarks>
/// Addresses that are not the sign extension of their low 58 bits (non-canonical) go into a run instead.
/// </remarks>
public static class ScatterEntry
{
    private const int AddressBits = 58;
    private const int KindShift = 62;

    /// <summary>Packs an access. Precondition: <see cref="Fits"/>.</summary>
    public static ulong Pack(ulong va, AccessKind kind) =>
        (va & ((1UL << AddressBits) - 1)) | ((ulong)kind << KindShift);

    /// <summary>Whether an address survives packing.</summary>
    public static bool Fits(ulong va) => AddressOf(va & ((1UL << AddressBits) - 1)) == va;

    /// <summary>The virtual address of an entry.</summary>
    public static ulong AddressOf(ulong entry) => (ulong)((long)(entry << (64 - AddressBits)) >> (64 - AddressBits));

    /// <summary>The kind of an entry.</summary>
    public static AccessKind KindOf(ulong entry) => (AccessKind)(entry >> KindShift);
}
