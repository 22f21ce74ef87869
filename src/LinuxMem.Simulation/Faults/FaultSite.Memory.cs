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

    public static readonly FaultSite AllocateMm = new(FaultPoint.FailSlab, "allocate_mm",
        "kernel/fork.c: mm_alloc, dup_mm", "fork and execve answer ENOMEM", "mm_struct");

    public static readonly FaultSite DupTaskStruct = new(FaultPoint.FailSlab, "dup_task_struct",
        "kernel/fork.c: dup_task_struct", "clone and fork answer ENOMEM", "task_struct");

    public static readonly FaultSite DupFd = new(FaultPoint.FailSlab, "dup_fd",
        "fs/file.c: dup_fd", "clone, fork and execve answer ENOMEM", "files_cache");

    public static readonly FaultSite CopySighand = new(FaultPoint.FailSlab, "copy_sighand",
        "kernel/fork.c: copy_sighand", "fork answers ENOMEM", "sighand_cache");

    public static readonly FaultSite CopySignal = new(FaultPoint.FailSlab, "copy_signal",
        "kernel/fork.c: copy_signal", "fork answers ENOMEM", "signal_cache");

    public static readonly FaultSite AllocPid = new(FaultPoint.FailSlab, "alloc_pid",
        "kernel/pid.c: alloc_pid", "clone and fork answer ENOMEM; the memory copied goes again", "pid");

    public static readonly FaultSite VmAreaAlloc = new(FaultPoint.FailSlab, "vm_area_alloc",
        "mm/vma.c: __mmap_new_vma, do_brk_flags", "mmap, brk and execve fail; no mapping is made, nothing is charged",
        "vm_area_struct");

    public static readonly FaultSite VmAreaDup = new(FaultPoint.FailSlab, "vm_area_dup",
        "mm/vma.c: __split_vma, copy_vma; mm/mmap.c: dup_mmap",
        "ENOMEM; of a range over several mappings the first may be done", "vm_area_struct");

    public static readonly FaultSite VmaPrealloc = new(FaultPoint.FailSlab, "vma_iter_prealloc",
        "mm/vma.c: vma_iter_prealloc", "ENOMEM; the mappings are as before", "maple_node");

    public static readonly FaultSite AnonVmaPrepare = new(FaultPoint.FailSlab, "__anon_vma_prepare",
        "mm/rmap.c: __anon_vma_prepare", Retried, "anon_vma");

    public static readonly FaultSite AnonVmaClone = new(FaultPoint.FailSlab, "anon_vma_clone",
        "mm/rmap.c: anon_vma_clone", "the split, copy or fork fails with ENOMEM; nothing of it is left",
        "anon_vma_chain");

    public static readonly FaultSite AnonVmaFork = new(FaultPoint.FailFunction, "anon_vma_fork",
        "mm/rmap.c: anon_vma_fork", "fork answers ENOMEM, in the middle of the copying of mappings");

    public static readonly FaultSite AllocEmptyFile = new(FaultPoint.FailSlab, "alloc_empty_file",
        "fs/file_table.c: alloc_empty_file", "open, pipe, memfd_create, shmget, shmat and shared mmap answer ENOMEM",
        "filp");

    public static readonly FaultSite XasNomem = new(FaultPoint.FailSlab, "__xas_nomem",
        "lib/xarray.c: __xas_nomem; mm/filemap.c: __filemap_add_folio; mm/shmem.c: shmem_add_to_page_cache",
        "the page is not added: a fault is tried again, read and write answer ENOMEM, readahead reads less",
        "radix_tree_node");

    public static readonly FaultSite SwapTableAlloc = new(FaultPoint.FailSlab, "swap_table_alloc",
        "mm/swapfile.c: swap_table_alloc, folio_alloc_swap", "the page stays in memory", "swap_table");

    public static readonly FaultSite DupMmap = new(FaultPoint.FailFunction, "dup_mmap",
        "mm/mmap.c: dup_mmap", "fork answers ENOMEM before any mapping is copied");

    public static readonly FaultSite CopyPageRange = new(FaultPoint.FailFunction, "copy_page_range",
        "mm/memory.c: copy_page_range", "fork answers ENOMEM; the parent's TLB entries are flushed all the same");

    public static readonly FaultSite MpolNew = new(FaultPoint.FailSlab, "mpol_new",
        "mm/mempolicy.c: mpol_new", "mbind and set_mempolicy answer ENOMEM; the policy is as before", "numa_policy");

    public static readonly FaultSite KsmEnter = new(FaultPoint.FailSlab, "__ksm_enter",
        "mm/ksm.c: __ksm_enter", "MADV_MERGEABLE answers EAGAIN; the mapping is as before", "ksm_mm_slot");

    public static readonly FaultSite KsmRmapItem = new(FaultPoint.FailSlab, "alloc_rmap_item",
        "mm/ksm.c: alloc_rmap_item", "ksmd leaves the page for another scan", "ksm_rmap_item");

    public static readonly FaultSite CopyFromUser = new(FaultPoint.FailUsercopy, "copy_from_user",
        "include/linux/uaccess.h, lib/iov_iter.c", "EFAULT or a short count");

    public static readonly FaultSite CopyToUser = new(FaultPoint.FailUsercopy, "copy_to_user",
        "include/linux/uaccess.h, lib/iov_iter.c", "EFAULT or a short count");
}
