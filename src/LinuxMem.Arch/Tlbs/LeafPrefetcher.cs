using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// Asks the host to fetch page-table entries that are likely to be walked soon. A walk of a big space waits for the
/// host's memory; several such waits fit into one. It remembers leaf tables by a hash and does not check whose they
/// are: one that is wrong fetches a useless line of RAM and does no harm, for nothing that is simulated depends on it.
/// </summary>
internal sealed unsafe class LeafPrefetcher
{
    private const int Count = 1024;
    private readonly HardwareWalker walker;
    private readonly int leafShift;
    private readonly uint[] tables = new uint[Count];

    /// <summary>A prefetcher that knows no tables.</summary>
    /// <param name="walker">Knows where leaf entries are.</param>
    /// <param name="leafShift">log2 of the bytes that a leaf table covers.</param>
    public LeafPrefetcher(HardwareWalker walker, int leafShift)
    {
        this.walker = walker;
        this.leafShift = leafShift;
    }

    /// <summary>A walk has found the leaf table of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remember(ulong va, uint table) => TableOf(va) = table;

    /// <summary>Fetches the leaf entry of an address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(ulong va)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(walker.LeafAt(TableOf(va), va));
    }

    // The mask keeps the index inside the array.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref uint TableOf(ulong va) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(tables), (nuint)((va >> leafShift) & (Count - 1)));
}
