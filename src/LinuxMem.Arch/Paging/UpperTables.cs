using System.Runtime.CompilerServices;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Paging;

/// <summary>
/// The way to leaf entries through tables of eight-byte entries whose frame numbers are in place as addresses: a few
/// instructions a level.
/// </summary>
internal sealed unsafe class UpperTables
{
    private readonly byte* ram;
    private readonly ulong ramBytes;
    private readonly ulong pfnMask;
    private readonly ulong wanted;
    private readonly ulong leafMask;
    private readonly int leafIndexShift;
    private readonly int pageShift;
    private readonly Step[] steps;

    /// <summary>Over tables in that RAM, which must outlive it. Precondition: <see cref="Fits"/>.</summary>
    public UpperTables(PhysicalMemory memory, PagingGeometry geometry)
    {
        PteFormat format = geometry.Format;
        PagingLevel leaf = geometry.Levels[^1];
        ram = memory.Base;
        pageShift = geometry.PageShift;
        ramBytes = (ulong)memory.FrameCount << pageShift;
        pfnMask = format.PfnMask;
        wanted = format.Present | format.Accessed;
        LeafShift = pageShift + leaf.Bits;
        leafIndexShift = leaf.Shift - 3;
        leafMask = ((1UL << leaf.Bits) - 1) << 3;
        steps = [.. geometry.Levels[..^1].Select(level =>
            new Step(level.Shift - 3, ((1UL << level.Bits) - 1) << 3))];
    }

    /// <summary>log2 of the bytes that a leaf table covers.</summary>
    public int LeafShift { get; }

    /// <summary>Whether the tables of a geometry are of that kind.</summary>
    public static bool Fits(PagingGeometry geometry) =>
        geometry.Format.EntryBytes == 8 && geometry.Format.PfnShift == geometry.PageShift;

    /// <summary>The first entry of a table.</summary>
    public byte* TableAt(uint frame) => ram + ((ulong)frame << pageShift);

    /// <summary>Where the leaf entry of an address is in a leaf table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* LeafAt(uint table, ulong va) => TableAt(table) + ((va >> leafIndexShift) & leafMask);

    /// <summary>The frame of the table that an entry lies in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint FrameOfTable(byte* entry) => (uint)((ulong)(entry - ram) >> pageShift);

    /// <summary>
    /// Where the leaf entry of an address is; null where a table is missing, has not been marked as accessed, or names
    /// no frame of RAM.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* FindLeaf(byte* top, ulong va)
    {
        byte* table = top;
        ulong common = wanted;
        foreach (ref readonly Step step in steps.AsSpan())
        {
            // An empty entry leads to frame 0, which is there to be read; what comes of it is thrown away.
            ulong entry = *(ulong*)(table + ((va >> step.Shift) & step.Mask));
            common &= entry;
            ulong offset = entry & pfnMask;
            if (offset >= ramBytes)
                return null;
            table = ram + offset;
        }

        return common == wanted ? table + ((va >> leafIndexShift) & leafMask) : null;
    }

    /// <summary>The index into a table, times the size of an entry.</summary>
    private readonly record struct Step(int Shift, ulong Mask);
}
