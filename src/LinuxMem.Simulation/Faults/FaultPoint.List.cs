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

    private static readonly FaultParameter Device = new("device", FaultValueKind.Glob, "*",
        "The disks whose I/Os it concerns, by name.");

    private static readonly FaultParameter Op = new("op", FaultValueKind.Word, "rw",
        "Which I/Os it concerns: r, w or rw.", "r", "w", "rw");

    private static readonly FaultParameter FirstSector = new("sector-from", FaultValueKind.Count, "0",
        "The first sector that it concerns.");

    private static readonly FaultParameter EndSector = new("sector-to", FaultValueKind.Count, "2147483647",
        "The first sector that it does not concern any more.");

    public static readonly FaultPoint FailMakeRequest = new(
        "fail_make_request",
        "An I/O of a disk ends with an error.",
        "A page that is read is read once more; then a fault is SIGBUS and read EIO, and a later access tries anew. A "
            + "page that is written is reported by fsync or msync as EIO, once to each open file. Swap: a page that "
            + "cannot be read is SIGBUS and stays in swap; one that cannot be written stays in memory, dirty.",
        Device, Op, FirstSector, EndSector,
        new FaultParameter("on-write-error", FaultValueKind.Word, "mark_clean",
            "What becomes of a file's page: clean, as ext4 and xfs have it, or dirty again.",
            "mark_clean", "keep_dirty"));

    public static readonly FaultPoint FailIoTimeout = new(
        "fail_io_timeout",
        "The end of an I/O is lost: it counts as over when it has timed out.",
        "The I/O ends exactly once, late, with an error or after a second try; who waits for it goes on then.",
        Device, Op,
        new FaultParameter("io-timeout", FaultValueKind.Time, "30s", "After which time it is given up."),
        new FaultParameter("then", FaultValueKind.Word, "retry", "What the driver does then.", "retry", "error"));

    public static readonly FaultPoint DmDelay = new(
        "dm-delay",
        "An I/O reaches its disk late.",
        "Nothing changes but time.",
        Device, Op,
        new FaultParameter("delay", FaultValueKind.Time, "1ms", "How late."),
        new FaultParameter("jitter", FaultValueKind.Time, "0ns", "How much later at most, drawn each time."));

    public static readonly FaultPoint DmFlakey = new(
        "dm-flakey",
        "A disk is down for a while now and then: I/Os fail, writes are dropped and said to be done, or data spoilt.",
        "Errors: as with fail_make_request. Dropped writes: nobody is told; the old contents come back when the page "
            + "has left memory. Spoilt bytes: nothing has checksums, so they are handed out; all others are right.",
        Device, FirstSector, EndSector,
        new FaultParameter("up", FaultValueKind.Time, "0ns", "How long it works."),
        new FaultParameter("down", FaultValueKind.Time, "1s", "How long it does not, after that; then it begins anew."),
        new FaultParameter("mode", FaultValueKind.Word, "error", "What it does while it is down.",
            "error", "error_reads", "error_writes", "drop_writes", "corrupt_bio_byte", "random_read_corrupt",
            "random_write_corrupt"),
        new FaultParameter("nth-byte", FaultValueKind.Count, "1",
            "corrupt_bio_byte: which byte of the data of an I/O, from 1."),
        new FaultParameter("direction", FaultValueKind.Word, "w", "corrupt_bio_byte: of which I/Os.", "r", "w"),
        new FaultParameter("value", FaultValueKind.Count, "0", "corrupt_bio_byte: what the byte is then, modulo 256."),
        new FaultParameter("corrupt-probability", FaultValueKind.Count, "1000000000",
            "random_read_corrupt, random_write_corrupt: how often a byte is spoilt, of 1,000,000,000."));

    public static readonly FaultPoint Misdirect = new(
        "misdirect",
        "A disk writes pages of a file to another place, and says that it is done.",
        "Nobody is told. The old contents come back when the page has left memory, and so do the new ones for whoever "
            + "has the other place, if anybody does; nothing else is harmed.",
        Device, FirstSector, EndSector,
        new FaultParameter("sectors", FaultValueKind.Count, "8", "How much further on; modulo the disk."));

    public static readonly FaultPoint SwapFull = new(
        "swap_full",
        "There is no free slot in swap.",
        "The page stays in memory; no process dies as long as anything else can leave.");

    public static readonly FaultPoint Enospc = new(
        "enospc",
        "The file system has no block left for a page.",
        "A store to a shared mapping is SIGBUS, write answers ENOSPC or a short count; size and contents of the file "
            + "are as before.");
}
