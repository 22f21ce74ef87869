namespace LinuxMem.Audit.Snapshots;

/// <summary>What a page-table entry allows and records.</summary>
[Flags]
public enum PteBits : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Stores are allowed.</summary>
    Write = 1,

    /// <summary>User mode may access the page.</summary>
    User = 2,

    /// <summary>Instruction fetches are forbidden.</summary>
    NoExec = 4,

    /// <summary>Accessed.</summary>
    Accessed = 8,

    /// <summary>Written.</summary>
    Dirty = 16,

    /// <summary>Names the zero page, and so is not counted as a mapping (pte_special in Linux).</summary>
    ZeroPage = 32,

    /// <summary>Mapped for the kernel, but not present for the hardware (PROT_NONE).</summary>
    ProtNone = 64,
}

/// <summary>
/// A leaf entry that maps a frame, as walking the page tables finds it. Those of one address space stand together, in
/// ascending order of address.
/// </summary>
public struct PteRecord : IOfMm
{
    /// <summary>The address of the page.</summary>
    public ulong Va { get; set; }

    /// <summary>The address space.</summary>
    public int MmId { get; set; }

    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }

    /// <summary>Its bits.</summary>
    public PteBits Bits { get; set; }
}

/// <summary>
/// A page table, as walking from the top one finds it. Those of one address space stand together, the leaf tables
/// among them in ascending order of address.
/// </summary>
public struct TableRecord : IOfMm
{
    /// <summary>The address space.</summary>
    public int MmId { get; set; }

    /// <summary>The frame that holds it.</summary>
    public uint Pfn { get; set; }

    /// <summary>0 for a leaf table, one more for every level above.</summary>
    public int Level { get; set; }

    /// <summary>The frame of the table that points to it; 0 for the top one.</summary>
    public uint ParentPfn { get; set; }

    /// <summary>The kernel's count of its entries that are not empty.</summary>
    public int UsedEntries { get; set; }

    /// <summary>The first address that it translates.</summary>
    public ulong StartVa { get; set; }

    /// <summary>One past the last address that it translates; may be 0 for the top table of a 64-bit machine.</summary>
    public ulong EndVa { get; set; }
}
