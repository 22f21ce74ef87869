namespace LinuxMem.Mm.PageAlloc;

/// <summary>The free blocks of one order of a zone: a list for every migrate type.</summary>
/// <remarks>Linux: include/linux/mmzone.h: struct free_area, v6.18.</remarks>
public sealed class FreeArea
{
    /// <summary><c>FrameList[3]</c>, indexed by migrate type; the next block is taken from the head.</summary>
    internal readonly FrameList[] Lists = new FrameList[MigrateTypes.Count];

    /// <summary>Free blocks of all types (nr_free).</summary>
    public long FreeBlocks => Lists[0].Count + Lists[1].Count + Lists[2].Count;

    /// <summary>Free blocks of one type.</summary>
    public long Count(MigrateType type) => Lists[(int)type].Count;
}
