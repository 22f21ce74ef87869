namespace LinuxMem.Arch.Paging;

/// <summary>The bits of a page-table entry, as data: one walker and one kernel serve every format.</summary>
/// <remarks>
/// Linux: arch/x86/include/asm/pgtable_types.h, arch/alpha/include/asm/pgtable.h (v6.18). A mask of zero says that the
/// format has no such bit. An entry of zero is empty in every format. Entries with <see cref="Present"/> clear belong
/// to the kernel.
/// </remarks>
public sealed record PteFormat
{
    /// <summary>The format's name.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of an entry: 4 or 8.</summary>
    public required int EntryBytes { get; init; }

    /// <summary>The entry maps something.</summary>
    public required ulong Present { get; init; }

    /// <summary>Stores are allowed.</summary>
    public required ulong Write { get; init; }

    /// <summary>User mode may access the page.</summary>
    public required ulong User { get; init; }

    /// <summary>The page was accessed.</summary>
    public required ulong Accessed { get; init; }

    /// <summary>The page was written.</summary>
    public required ulong Dirty { get; init; }

    /// <summary>Instruction fetches are forbidden; zero where the hardware cannot forbid them.</summary>
    public required ulong NoExec { get; init; }

    /// <summary>Set in non-present entries of pages that are mapped but may not be accessed (PROT_NONE).</summary>
    public required ulong ProtNone { get; init; }

    /// <summary>The lowest bit of the frame number.</summary>
    public required int PfnShift { get; init; }

    /// <summary>The bits of the frame number, in place.</summary>
    public required ulong PfnMask { get; init; }

    /// <summary>
    /// Whether the MMU sets Accessed and Dirty itself. Where not (Alpha), an access to a page whose bit is clear traps,
    /// and the kernel sets it: the fault-on-read and fault-on-write bits of that machine.
    /// </summary>
    public required bool HardwareAccessedDirty { get; init; }

    /// <summary>What an entry that points to a lower table carries beside the frame number.</summary>
    public ulong TableBits => Present | Write | User | Accessed;

    /// <summary>
    /// A non-present entry that maps nothing and never will: the kernel keeps the page from being faulted in
    /// (PTE_MARKER_GUARD).
    /// </summary>
    public ulong GuardEntry => User;

    /// <summary>
    /// A non-present entry of a page whose frame had a memory error (a hwpoison entry); the frame's number is not kept.
    /// </summary>
    public ulong PoisonEntry => User | Accessed;

    /// <summary>Whether an entry is one of those two, which map nothing.</summary>
    public bool IsMarker(ulong entry) => entry == GuardEntry || entry == PoisonEntry;

    /// <summary>
    /// Whether an entry stands for a page in swap: not present, no PROT_NONE, marked with the bit that is
    /// <see cref="Dirty"/> elsewhere. The bits of the frame number say where.
    /// </summary>
    public bool IsSwap(ulong entry) => (entry & (Present | ProtNone | Dirty)) == Dirty;

    /// <summary>The frame that a present entry names.</summary>
    public uint PfnOf(ulong entry) => (uint)((entry & PfnMask) >> PfnShift);

    /// <summary>An entry for a frame with the given other bits.</summary>
    public ulong Make(uint pfn, ulong bits) => ((ulong)pfn << PfnShift) | bits;

    /// <summary>x86 with 8-byte entries (64-bit and PAE).</summary>
    public static PteFormat X86Long { get; } = new()
    {
        Name = "x86-8",
        EntryBytes = 8,
        Present = 1UL << 0,
        Write = 1UL << 1,
        User = 1UL << 2,
        Accessed = 1UL << 5,
        Dirty = 1UL << 6,
        ProtNone = 1UL << 8,
        NoExec = 1UL << 63,
        PfnShift = 12,
        PfnMask = 0x000f_ffff_ffff_f000,
        HardwareAccessedDirty = true,
    };

    /// <summary>i386 without PAE: 4-byte entries, and no way to forbid execution.</summary>
    public static PteFormat X86Short { get; } = new()
    {
        Name = "x86-4",
        EntryBytes = 4,
        Present = 1UL << 0,
        Write = 1UL << 1,
        User = 1UL << 2,
        Accessed = 1UL << 5,
        Dirty = 1UL << 6,
        ProtNone = 1UL << 8,
        NoExec = 0,
        PfnShift = 12,
        PfnMask = 0xffff_f000,
        HardwareAccessedDirty = true,
    };

    /// <summary>Alpha: the frame number in the upper half, accessed and dirty kept by software.</summary>
    public static PteFormat Alpha { get; } = new()
    {
        Name = "alpha",
        EntryBytes = 8,
        Present = 1UL << 0,
        Write = 1UL << 13,
        User = 1UL << 9,
        Accessed = 0x40000,
        Dirty = 0x20000,
        ProtNone = 1UL << 20,
        NoExec = 1UL << 3,
        PfnShift = 32,
        PfnMask = 0xffff_ffff_0000_0000,
        HardwareAccessedDirty = false,
    };
}
