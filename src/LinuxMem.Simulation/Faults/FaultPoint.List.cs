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

    public static readonly FaultPoint FailUsercopy = new(
        "fail_usercopy",
        "A copy from or to the memory of a process fails.",
        "The call answers with the bytes copied so far, or EFAULT if there are none; nothing is dirty without data.");
}
