#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>Pages, objects and steps of the memory management.</content>
public sealed partial class FaultSite
{
    private const string Retried = "the access is tried again; in the kernel EFAULT or a short count";

    public static readonly FaultSite AnonPage = new(FaultPoint.FailPageAlloc, "alloc_anon_folio",
        "mm/memory.c: alloc_anon_folio, wp_page_copy", Retried);

    public static readonly FaultSite FilePage = new(FaultPoint.FailPageAlloc, "filemap_alloc_folio",
        "mm/filemap.c: filemap_alloc_folio", "a fault is tried again; read and write answer ENOMEM");

    public static readonly FaultSite ShmemPage = new(FaultPoint.FailPageAlloc, "shmem_alloc_folio",
        "mm/shmem.c: shmem_alloc_folio", "a fault is tried again; write and fallocate answer ENOMEM");

    public static readonly FaultSite SwapPage = new(FaultPoint.FailPageAlloc, "swap_alloc_folio",
        "mm/swap_state.c: __read_swap_cache_async", Retried + "; readahead reads less");

    public static readonly FaultSite TablePage = new(FaultPoint.FailPageAlloc, "pte_alloc_one",
        "include/asm-generic/pgalloc.h: __pte_alloc_one, __pmd_alloc_one, __pud_alloc_one",
        "a fault is tried again; fork, mremap and execve answer ENOMEM");

    public static readonly FaultSite KernelPage = new(FaultPoint.FailPageAlloc, "alloc_pages",
        "mm/page_alloc.c: alloc_pages", "ENOMEM");

    public static readonly FaultSite CopyFromUser = new(FaultPoint.FailUsercopy, "copy_from_user",
        "include/linux/uaccess.h, lib/iov_iter.c", "EFAULT or a short count");

    public static readonly FaultSite CopyToUser = new(FaultPoint.FailUsercopy, "copy_to_user",
        "include/linux/uaccess.h, lib/iov_iter.c", "EFAULT or a short count");
}
