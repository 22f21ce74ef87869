namespace LinuxMem.Simulation.Mutants;

/// <summary>
/// Known bugs of kernels that can be planted in the simulated one, to see whether they are found. Each number is that
/// of a class of real bugs; letters tell several plants of a class apart.
/// </summary>
public enum Mutant
{
    /// <summary>The kernel as it is.</summary>
    None,

    /// <summary>A store to the shared page of zeros goes through.</summary>
    M02,

    /// <summary>Copy-on-write skips the copy of a page that others have in swap.</summary>
    M08,

    /// <summary>mremap moves pages and sends no invalidation for their old place.</summary>
    M09,

    /// <summary>Frames are freed when invalidations are sent, not when they are carried out.</summary>
    M10,

    /// <summary>mprotect takes the right to write and sends no invalidation.</summary>
    M13,

    /// <summary>fork that fails does not flush the parent's TLB entries.</summary>
    M15,

    /// <summary>An ASID gets a new owner without a flush.</summary>
    M16,

    /// <summary>What a CPU was to forget at its next entry into the kernel is lost.</summary>
    M17,

    /// <summary>An acknowledgement counts for the next generation, too.</summary>
    M18,

    /// <summary>A shootdown leaves the last CPU out.</summary>
    M19,

    /// <summary>fork leaves the parent's private pages writable.</summary>
    M20,

    /// <summary>Neighbours merge whatever anonymous reverse maps they have.</summary>
    M23,

    /// <summary>brk does not look at what is above the heap.</summary>
    M25A,

    /// <summary>mremap to a fixed place does not ask whether what was there could be unmapped.</summary>
    M25C,

    /// <summary>A stack grows below the lowest address that may be mapped.</summary>
    M26,

    /// <summary>A stack grows however near its neighbour is.</summary>
    M27,

    /// <summary>Neighbours merge whatever their flags.</summary>
    M28A,

    /// <summary>Neighbours that mprotect makes equal merge whatever part of the file they map.</summary>
    M28B,

    /// <summary>A VMA that is split loses a page.</summary>
    M28C,

    /// <summary>The last page table of a range is not freed.</summary>
    M29,

    /// <summary>A frame of a batch is freed twice.</summary>
    M31,

    /// <summary>A block merges with the wrong buddy.</summary>
    M32,

    /// <summary>A block is freed with too low an order.</summary>
    M33,

    /// <summary>Blocks of order 3 are never merged.</summary>
    M34,

    /// <summary>A block goes to the free list of another migrate type.</summary>
    M35,

    /// <summary>The per-CPU lists of a CPU that goes away stay.</summary>
    M36,

    /// <summary>Allocations pass whatever the watermark says.</summary>
    M37,

    /// <summary>fork does not count the slots of swap that the child names.</summary>
    M42,

    /// <summary>Unmapping leaves the slots of swap behind.</summary>
    M43,

    /// <summary>A page that could not be written to swap counts as written.</summary>
    M44,

    /// <summary>A page that could not be read from swap is mapped all the same.</summary>
    M45,

    /// <summary>Unmapping takes an entry for the page of zeros before it asks whether it names a page at all.</summary>
    M46,

    /// <summary>Writeback leaves pages writable, so that it does not hear of stores that follow.</summary>
    M47,

    /// <summary>An error of writing back is told to the first who asks, and to nobody else.</summary>
    M48,

    /// <summary>A fault behind the end of a file is served.</summary>
    M50,

    /// <summary>A page that could not be read counts as read.</summary>
    M51,

    /// <summary>Unmapping a page of a file counts as one of anonymous memory.</summary>
    M53,

    /// <summary>Reclaim takes pages that are locked in memory.</summary>
    M54,

    /// <summary>Memory that is unmapped stays promised.</summary>
    M55,

    /// <summary>A page that was unmapped is not handed to the batch that frees it.</summary>
    M56,

    /// <summary>The OOM killer does not look at oom_score_adj.</summary>
    M57A,

    /// <summary>The OOM killer forgets what a process has in swap.</summary>
    M57B,

    /// <summary>A frame with a memory error goes back to the free lists.</summary>
    M58,

    /// <summary>A dirty page of a file that has a memory error is dropped as if it were clean.</summary>
    M59,

    /// <summary>The message that a batch of unmapped frames may be freed is taken twice.</summary>
    M60,

    /// <summary>Unmapping misses the last page of a range.</summary>
    M70,

    /// <summary>A page that is also in swap loses the dirty bit of the entry that is taken away.</summary>
    M71,

    /// <summary>A memory cgroup pays for a frame that could not be had.</summary>
    M72,

    /// <summary>mprotect hides pages and sends no invalidation.</summary>
    M73,

    /// <summary>Merging equal pages takes the right to write and sends no invalidation.</summary>
    M74,

    /// <summary>Moving a page to another frame sends no invalidation.</summary>
    M75,

    /// <summary>A frame with a memory error leaves the free lists and is counted free still.</summary>
    M76,

    /// <summary>Private memory that is freed is not given back to its memory cgroup.</summary>
    M77,

    /// <summary>A page that comes back to its one owner keeps its slot of swap.</summary>
    M78,

    /// <summary>Reading swap ahead reads the slot before.</summary>
    M79,

    /// <summary>A file that is cut keeps what was in the rest of its last page.</summary>
    M80,

    /// <summary>The upper part of a VMA that is split maps one page further on.</summary>
    M81,

    /// <summary>A mapping of a file that is moved maps one page further on.</summary>
    M82,

    /// <summary>A mapping that grows in place is promised twice.</summary>
    M83,

    /// <summary>The heap shrinks by a page too little.</summary>
    M84,

    /// <summary>A stack that grows is not counted.</summary>
    M85,

    /// <summary>Shared memory that is cut keeps its slots of swap.</summary>
    M87,

    /// <summary>Dropping caches drops dirty pages.</summary>
    M89,

    /// <summary>A page that comes back from swap still counts as one in swap.</summary>
    M92,

    /// <summary>MADV_DONTNEED misses the last page of a range.</summary>
    M93,

    /// <summary>A page leaves for swap and is not written there.</summary>
    M100,

    /// <summary>The last page of a group of a file is filled with the one before.</summary>
    M102,

    /// <summary>fork copies memory that it was told to wipe.</summary>
    M104,

    /// <summary>Moving a page to another frame does not move the charge of its memory cgroup.</summary>
    M105,

    /// <summary>Moving a page to another frame loses that it is dirty.</summary>
    M106,

    /// <summary>Moving a page to another frame does not copy it.</summary>
    M107,

    /// <summary>Moving a page to another frame leaves its place in its object behind.</summary>
    M108,

    /// <summary>A page that was written since it was found equal is merged all the same.</summary>
    M109,

    /// <summary>A refill of a per-CPU list counts blocks, not pages.</summary>
    M110,

    /// <summary>Reclaim takes pages out of page tables and sends no invalidation.</summary>
    M111,

    /// <summary>fork does not count what a child has in swap.</summary>
    M112,

    /// <summary>Shared memory that goes to swap does not hold its slot.</summary>
    M113,

    /// <summary>A page of a file that is mapped no more stays counted.</summary>
    M114,

    /// <summary>A page table is not counted.</summary>
    M115,

    /// <summary>A page that leaves the swap cache stays counted among the pages of files.</summary>
    M116,

    /// <summary>A child's memory is locked where its parent's is.</summary>
    M117,

    /// <summary>munlock leaves the pages locked.</summary>
    M118,

    /// <summary>Blocks of disks that leave memory stay counted.</summary>
    M119,

    /// <summary>The promises of a mapping of huge pages are not taken back.</summary>
    M120,

    /// <summary>A page is moved while its I/O is under way.</summary>
    M121,

    /// <summary>Pages of a file are read ahead beyond its end.</summary>
    M122,

    /// <summary>The first store to a clean page of a shared mapping does not make it dirty.</summary>
    M123,

    /// <summary>The first page of a file is unmapped from one of its mappings only.</summary>
    M124,

    /// <summary>Copy-on-write sends no invalidation.</summary>
    M125,

    /// <summary>A frame goes to the lists of the last zone, whichever is its own.</summary>
    M126,

    /// <summary>Who waited for memory counts as waiting for ever.</summary>
    M127,

    /// <summary>Swap areas are filled from the lowest priority up.</summary>
    M128,

    /// <summary>A page that two have mapped is written in place.</summary>
    M129,

    /// <summary>mremap takes only pages along that are in memory.</summary>
    M130,

    /// <summary>A page that could not be written stays counted as being written.</summary>
    M131,

    /// <summary>An active page that is freed stays on its list.</summary>
    M132,

    /// <summary>What leaves a per-CPU list is counted in blocks, not pages.</summary>
    M133,

    /// <summary>wait4 leaves the child that it has reaped among the children.</summary>
    M134,

    /// <summary>A wake of a futex on which several wait takes one off without waking it.</summary>
    M135,

    /// <summary>A slot of swap that is free again is not given back to its memory cgroup.</summary>
    M136,

    /// <summary>A huge page does not use up the promise that it was made for.</summary>
    M137,

    /// <summary>Whose page a merged page was is not noted.</summary>
    M138,

    /// <summary>Moving a page to another frame rewrites the first entry that maps it, and no other.</summary>
    M139,

    /// <summary>Private copies of pages behind the end of a file that is cut stay.</summary>
    M140,

    /// <summary>mprotect gives back the right to write to clean pages of shared files, which nobody then hears
    /// of.</summary>
    M141,

    /// <summary>mprotect does not count private memory as promised that it makes writable.</summary>
    M142,

    /// <summary>Memory that was to leave and stays gets back one page less than was taken.</summary>
    M143,
}
