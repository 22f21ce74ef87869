#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>The points.</content>
public sealed partial class FaultPoint
{
    private static readonly FaultParameter IgnoreWait = new("ignore-gfp-wait", FaultValueKind.Flag, "Y",
        "Y: allocations that may wait for reclaim are never failed; that is nearly all of them.");

    public static readonly FaultPoint FailPageAlloc = new(
        "fail_page_alloc",
        "The page allocator has no page, whatever is free.",
        "The caller sees none and no reclaim is tried. A fault in user mode is made again until it works; the "
            + "kernel's own access fails with EFAULT; fork, execve, mremap and populating calls answer ENOMEM.",
        new FaultParameter("min-order", FaultValueKind.Count, "1",
            "Smaller allocations are never failed: by default no single page is."),
        IgnoreWait,
        new FaultParameter("ignore-gfp-highmem", FaultValueKind.Flag, "Y",
            "Y: memory of processes and of the page cache is never failed."));

    public static readonly FaultPoint FailSlab = new(
        "failslab",
        "An object of the kernel (a VMA, an anon_vma, a task, a node of the page cache ...) cannot be allocated.",
        "mmap, brk, mremap, mprotect and fork answer ENOMEM, madvise EAGAIN; brk, fork, and mmap in a hole leave the "
            + "mappings and Committed_AS as they were; calls over several mappings may be carried out in part.",
        IgnoreWait,
        new FaultParameter("cache-filter", FaultValueKind.Glob, "N",
            "Only objects of caches of this name (vm_area_struct, anon_vma*, ...) are failed; N: of all."));

    public static readonly FaultPoint FailFunction = new(
        "fail_function",
        "A named step of the kernel returns an error.",
        "fork answers ENOMEM, the child leaves nothing behind, the parent's memory is as before and no TLB has an "
            + "entry that may be written where the page table's may not.",
        new FaultParameter("inject", FaultValueKind.Glob, "*",
            "The functions that fail: dup_mmap, copy_page_range ..."));

    public static readonly FaultPoint FailUsercopy = new(
        "fail_usercopy",
        "A copy from or to the memory of a process fails.",
        "The call answers with the bytes copied so far, or EFAULT if there are none; nothing is dirty without data.");
}
