namespace LinuxMem.Audit.Snapshots;

/// <summary>The flags of a VMA that checkers look at.</summary>
/// <remarks>Linux: include/linux/mm.h, v6.18: the same values.</remarks>
[Flags]
public enum VmaFlags : ulong
{
    /// <summary>No flag: mapped, but not accessible.</summary>
    None = 0,

    /// <summary>Pages may be read.</summary>
    Read = 0x1,

    /// <summary>Pages may be written.</summary>
    Write = 0x2,

    /// <summary>Pages may be executed.</summary>
    Exec = 0x4,

    /// <summary>Changes are shared.</summary>
    Shared = 0x8,

    /// <summary>A stack.</summary>
    GrowsDown = 0x100,

    /// <summary>Its pages count as promised (VM_ACCOUNT).</summary>
    Account = 0x100000,

    /// <summary>Its pages are taken without a promise (VM_NORESERVE).</summary>
    NoReserve = 0x200000,

    /// <summary>Of huge pages, which have promises of their own.</summary>
    HugeTlb = 0x400000,

    /// <summary>Its pages stay in memory (mlock).</summary>
    Locked = 0x2000,

    /// <summary>Never merged: VM_PFNMAP, VM_IO, VM_DONTEXPAND or VM_MIXEDMAP (VM_SPECIAL).</summary>
    Special = 0x400 | 0x4000 | 0x40000 | 0x1000_0000,

    /// <summary>Bookkeeping of soft-dirty tracking, which does not keep two VMAs apart.</summary>
    SoftDirty = 0x0800_0000,
}

/// <summary>A virtual memory area. Those of one address space stand together, in the kernel's own order.</summary>
/// <remarks>Linux: include/linux/mm_types.h: struct vm_area_struct, v6.18.</remarks>
public struct VmaRecord : IOfMm
{
    /// <summary>The address space.</summary>
    public int MmId { get; set; }

    /// <summary>The first address.</summary>
    public ulong Start { get; set; }

    /// <summary>One past the last address.</summary>
    public ulong End { get; set; }

    /// <summary>All of the kernel's flags.</summary>
    public VmaFlags Flags { get; set; }

    /// <summary>Offset of the first page in the object, or in the anonymous numbering, in pages.</summary>
    public ulong PgOff { get; set; }

    /// <summary>The file or shared memory object; 0 for private anonymous memory.</summary>
    public int MappingId { get; set; }

    /// <summary>The anon_vma; 0 while there is none.</summary>
    public int AnonVmaId { get; set; }

    /// <summary>
    /// Whether its anon_vma chain has a parent's anon_vma in it, which bars it from merging with one that has none.
    /// </summary>
    public bool ForkedAnonVma { get; set; }

    /// <summary>
    /// Whether it is of another opening of its file than the VMA below, or has another policy for its memory.
    /// </summary>
    public bool IsApartBelow { get; set; }

    /// <summary>Of a stack: where it began at the snapshot before; 0 if it was not there.</summary>
    public ulong StartBefore { get; set; }

    /// <summary>Of a stack: whether the VMA below is the one of the snapshot before, with the same end.</summary>
    public bool BelowStayed { get; set; }

    /// <summary>What /proc/PID/maps shows, where that is not the object's name; else null.</summary>
    public string? Name { get; set; }
}
