namespace LinuxMem.Audit.Snapshots;

/// <summary>A CPU.</summary>
public struct CpuRecord
{
    /// <summary>Its number, from 0.</summary>
    public int Cpu { get; set; }

    /// <summary>The address space that is loaded; 0 for none.</summary>
    public int CurrentMmId { get; set; }

    /// <summary>Its local clock, in nanoseconds of virtual time.</summary>
    public long ClockNs { get; set; }

    /// <summary>Its clock in the snapshot before; 0 in the first.</summary>
    public long PreviousClockNs { get; set; }
}

/// <summary>A row of a CPU's table of address space identifiers.</summary>
/// <remarks>Linux: arch/x86/include/asm/tlbflush.h: struct tlb_context, v6.18.</remarks>
public struct AsidRecord
{
    /// <summary>The CPU.</summary>
    public int Cpu { get; set; }

    /// <summary>The identifier, 0 to 4095.</summary>
    public int Asid { get; set; }

    /// <summary>The address space that has it. It may be gone: the row stays until the identifier is needed.</summary>
    public int MmId { get; set; }

    /// <summary>The TLB generation of the address space up to which this CPU has invalidated.</summary>
    public ulong LocalGen { get; set; }

    /// <summary>Whether the identifier was taken back, and stands for it only until the CPU has flushed it.</summary>
    public bool IsReleased { get; set; }
}

/// <summary>Which of a CPU's translation caches an entry is in.</summary>
public enum TlbLevel : byte
{
    /// <summary>First level, for loads and stores.</summary>
    L1Data,

    /// <summary>First level, for instruction fetches.</summary>
    L1Code,

    /// <summary>Second level.</summary>
    L2,

    /// <summary>The page-walk cache, which remembers leaf tables.</summary>
    WalkCache,
}

/// <summary>A valid entry of a translation cache.</summary>
public struct TlbRecord
{
    /// <summary>The CPU.</summary>
    public int Cpu { get; set; }

    /// <summary>The address space identifier that it is tagged with.</summary>
    public int Asid { get; set; }

    /// <summary>The virtual page number; for the page-walk cache, of any page that the leaf table translates.</summary>
    public ulong Vpn { get; set; }

    /// <summary>The frame; for the page-walk cache, that of the leaf table.</summary>
    public uint Pfn { get; set; }

    /// <summary>The cache.</summary>
    public TlbLevel Level { get; set; }

    /// <summary>Stores hit.</summary>
    public bool Write { get; set; }

    /// <summary>Instruction fetches hit.</summary>
    public bool Exec { get; set; }

    /// <summary>Stores need not set the entry's dirty bit any more.</summary>
    public bool Dirty { get; set; }

    /// <summary>Whether it names a leaf table rather than a page.</summary>
    public readonly bool IsTable => Level == TlbLevel.WalkCache;
}

/// <summary>An invalidation that a CPU has been sent and has not carried out yet.</summary>
public struct PendingInvalidationRecord
{
    /// <summary>The CPU.</summary>
    public int Cpu { get; set; }

    /// <summary>The identifier that the entries to be dropped are tagged with.</summary>
    public int Asid { get; set; }

    /// <summary>The address space whose translations must go.</summary>
    public int MmId { get; set; }

    /// <summary>The first virtual page number.</summary>
    public ulong FirstVpn { get; set; }

    /// <summary>Pages; <see cref="ulong.MaxValue"/> for all.</summary>
    public ulong PageCount { get; set; }

    /// <summary>The address space's generation that carrying it out reaches.</summary>
    public ulong Gen { get; set; }

    /// <summary>When it takes effect, in nanoseconds of virtual time.</summary>
    public long ArrivalNs { get; set; }
}

/// <summary>A frame that a pipe refers to; one record for each reference.</summary>
/// <remarks>Linux: include/linux/pipe_fs_i.h: struct pipe_buffer, v6.18.</remarks>
public struct LentFrameRecord
{
    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }
}

/// <summary>A frame that is kept from the free list until no TLB can name it.</summary>
/// <remarks>Linux: include/asm-generic/tlb.h: struct mmu_gather, v6.18.</remarks>
public struct ParkedFrameRecord
{
    /// <summary>The frame.</summary>
    public uint Pfn { get; set; }

    /// <summary>The address space that it was unmapped from. It may be gone.</summary>
    public int MmId { get; set; }

    /// <summary>It may go when every CPU has reached this generation of the address space.</summary>
    public ulong Gen { get; set; }
}
