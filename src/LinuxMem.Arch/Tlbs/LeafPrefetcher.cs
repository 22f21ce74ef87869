using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// Asks the host to fetch page-table entries that are likely to be walked soon. A walk of a big space waits for the
/// host's memory; several such waits fit into one. It remembers leaf tables by a hash; a memory that is out of date
/// fetches a useless line of RAM and does no harm, for nothing that is simulated depends on it.
/// </summary>
internal sealed unsafe class LeafPrefetcher
{
    private const int Count = 1024;
    private readonly HardwareWalker walker;
    private readonly int leafShift;
    private readonly ulong[] tags = new ulong[Count];
    private readonly uint[] tables = new uint[Count];

    /// <summary>A prefetcher that knows no tables.</summary>
    /// <param name="walker">Knows where leaf entries are.</param>
    /// <param name="leafShift">log2 of the bytes that a leaf table covers.</param>
    public LeafPrefetcher(HardwareWalker walker, int leafShift)
    {
        this.walker = walker;
        this.leafShift = leafShift;
    }

    /// <summary>A walk has found the leaf table of that tag (of the walk cache).</summary>
    public void Remember(ulong tag, uint table)
    {
        tags[(tag >> leafShift) & (Count - 1)] = tag;
        tables[(tag >> leafShift) & (Count - 1)] = table;
    }

    /// <summary>Fetches the leaf entry of an address whose leaf table has that tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(ulong tag, ulong va)
    {
        ulong at = (tag >> leafShift) & (Count - 1);
        if (Sse.IsSupported && tags[at] == tag)
            Sse.Prefetch0(walker.LeafAt(tables[at], va));
    }
}
