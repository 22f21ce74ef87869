namespace LinuxMem.Mm.PageAlloc;

/// <summary>
/// How movable the frames of a pageblock are. Every type has its own free lists, so that unmovable frames stay
/// together.
/// </summary>
/// <remarks>
/// Linux: include/linux/mmzone.h: enum migratetype, v6.18, without HighAtomic, CMA and Isolate, which are not modelled.
/// </remarks>
public enum MigrateType : byte
{
    /// <summary>Kernel data and page tables.</summary>
    Unmovable,

    /// <summary>User memory and page cache. All of memory is this at boot.</summary>
    Movable,

    /// <summary>Kernel data that can be dropped under pressure.</summary>
    Reclaimable,
}

/// <summary>Tables over <see cref="MigrateType"/>, by number.</summary>
internal static class MigrateTypes
{
    /// <summary>Number of types (MIGRATE_PCPTYPES).</summary>
    public const int Count = 3;

    /// <summary>
    /// Other types to take from, the best first: <c>int[Count * (Count - 1)]</c>, two for every type.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: fallbacks, v6.18.</remarks>
    public static ReadOnlySpan<int> Fallbacks =>
    [
        (int)MigrateType.Reclaimable, (int)MigrateType.Movable,
        (int)MigrateType.Reclaimable, (int)MigrateType.Unmovable,
        (int)MigrateType.Unmovable, (int)MigrateType.Movable,
    ];
}
