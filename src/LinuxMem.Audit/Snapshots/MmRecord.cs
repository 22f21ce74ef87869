namespace LinuxMem.Audit.Snapshots;

/// <summary>A process's address space and the kernel's counters of it.</summary>
/// <remarks>Linux: include/linux/mm_types.h: struct mm_struct, v6.18.</remarks>
public struct MmRecord : IOfMm
{
    /// <summary>Its number; above 0 and never used again.</summary>
    public int MmId { get; set; }

    /// <summary>The frame of its top page table.</summary>
    public uint RootPfn { get; set; }

    /// <summary>log2 of the page size in bytes.</summary>
    public int PageShift { get; set; }

    /// <summary>The lowest address that may be mapped (mmap_min_addr).</summary>
    public ulong Lowest { get; set; }

    /// <summary>The lowest address that a stack has grown to so far; beyond all if none has.</summary>
    public ulong StackGrownTo { get; set; }

    /// <summary>The first address that may not be mapped (TASK_SIZE).</summary>
    public ulong TaskSize { get; set; }

    /// <summary>Tasks that use it (mm_users); 0 once the last has left.</summary>
    public int Users { get; set; }

    /// <summary>The kernel's count of VMAs (map_count).</summary>
    public int MapCountCounter { get; set; }

    /// <summary>The kernel's count of pages that VMAs cover (total_vm).</summary>
    public long TotalVmPages { get; set; }

    /// <summary>The kernel's count of pages that locked VMAs cover (locked_vm).</summary>
    public long LockedVmPages { get; set; }

    /// <summary>The kernel's count of pages that private writable VMAs cover (data_vm).</summary>
    public long DataVmPages { get; set; }

    /// <summary>The kernel's count of pages that VMAs of code cover (exec_vm).</summary>
    public long ExecVmPages { get; set; }

    /// <summary>The kernel's count of pages that stacks cover (stack_vm).</summary>
    public long StackVmPages { get; set; }

    /// <summary>The kernel's count of mapped private pages (MM_ANONPAGES).</summary>
    public long RssAnon { get; set; }

    /// <summary>The kernel's count of mapped file pages (MM_FILEPAGES).</summary>
    public long RssFile { get; set; }

    /// <summary>The kernel's count of mapped shared memory pages (MM_SHMEMPAGES).</summary>
    public long RssShmem { get; set; }

    /// <summary>The kernel's count of entries that name slots of swap (MM_SWAPENTS).</summary>
    public long SwapEntries { get; set; }

    /// <summary>
    /// The kernel's count of page tables below the top one; Linux's pgtables_bytes leaves the pgd out too.
    /// </summary>
    public long PageTablePagesCounter { get; set; }

    /// <summary>Raised by every change of the page tables that TLBs must hear of (tlb_gen).</summary>
    public ulong TlbGen { get; set; }
}
