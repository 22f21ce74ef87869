#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>Disks, swap and files.</content>
public sealed partial class FaultSite
{
    public static readonly FaultSite SubmitBio = new(FaultPoint.FailMakeRequest, "submit_bio",
        "block/blk-core.c: should_fail_bio", "see fail_make_request; exactly one completion each");

    public static readonly FaultSite BlkCompleteRequest = new(FaultPoint.FailIoTimeout, "blk_should_fake_timeout",
        "block/blk-timeout.c: blk_should_fake_timeout", "one completion, late");

    public static readonly FaultSite DelayMap = new(FaultPoint.DmDelay, "delay_map",
        "drivers/md/dm-delay.c: delay_map", "only time changes");

    public static readonly FaultSite FlakeyMap = new(FaultPoint.DmFlakey, "flakey_map",
        "drivers/md/dm-flakey.c: flakey_map", "an error is told, a dropped write is not");

    public static readonly FaultSite MisdirectedWrite = new(FaultPoint.Misdirect, "misdirected_write",
        "none: the disk's own doing", "the wrong place has the new contents, the right one the old");

    public static readonly FaultSite GetSwapPages = new(FaultPoint.SwapFull, "folio_alloc_swap",
        "mm/swapfile.c: folio_alloc_swap", "the page stays in memory");

    public static readonly FaultSite PageMkwrite = new(FaultPoint.Enospc, "page_mkwrite",
        "mm/memory.c: do_page_mkwrite; fs/ext4/inode.c: ext4_page_mkwrite", "SIGBUS; the entry is not writable");

    public static readonly FaultSite WriteBegin = new(FaultPoint.Enospc, "write_begin",
        "fs/ext4/inode.c: ext4_da_write_begin; mm/shmem.c: shmem_write_begin", "ENOSPC or a short count");
}
