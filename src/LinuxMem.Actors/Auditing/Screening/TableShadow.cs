using LinuxMem.Arch.Paging;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>A page table as it was at the last look.</summary>
internal sealed class TableShadow
{
    /// <summary>A table of which nothing is known: all entries are empty.</summary>
    public TableShadow(uint pfn, int depth, int index, ulong startVa, PagingGeometry geometry)
    {
        PagingLevel level = geometry.Levels[depth];
        Pfn = pfn;
        Depth = depth;
        Index = index;
        StartVa = startVa;
        Shift = level.Shift;
        LastVa = startVa + ((ulong)level.EntryCount << level.Shift) - 1;
        Bytes = new byte[level.EntryCount * geometry.Format.EntryBytes];
        if (depth == geometry.Levels.Length - 1)
            Kinds = new byte[level.EntryCount];
    }

    /// <summary>The frame that it is in.</summary>
    public uint Pfn { get; }

    /// <summary>Tables above it.</summary>
    public int Depth { get; }

    /// <summary>Its entry in the table above.</summary>
    public int Index { get; }

    /// <summary>The first address that it translates.</summary>
    public ulong StartVa { get; }

    /// <summary>The last address that it translates.</summary>
    public ulong LastVa { get; }

    /// <summary>log2 of the bytes that an entry translates.</summary>
    public int Shift { get; }

    /// <summary>Its entries, as they lie in RAM.</summary>
    public byte[] Bytes { get; }

    /// <summary>Of a leaf table: the place of the frame of each entry, when it came; else null.</summary>
    public byte[]? Kinds { get; }

    /// <summary>The tables below it.</summary>
    public List<TableShadow> Children { get; } = [];

    /// <summary>An entry.</summary>
    public ulong EntryAt(int index, int entryBytes) => entryBytes == 8
        ? BitConverter.ToUInt64(Bytes, index * 8)
        : BitConverter.ToUInt32(Bytes, index * 4);
}
