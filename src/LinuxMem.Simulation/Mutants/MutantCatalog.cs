namespace LinuxMem.Simulation.Mutants;

/// <summary>What is known of a mutant.</summary>
/// <param name="Mutant">Which.</param>
/// <param name="Bug">The real bug, or the class of them.</param>
/// <param name="Invariants">The invariants that may catch it: any of them.</param>
public sealed record MutantEntry(Mutant Mutant, string Bug, IReadOnlyList<string> Invariants);

/// <summary>All mutants, with the bugs that they stand for and who must catch them.</summary>
public static class MutantCatalog
{
    /// <summary>The mutants, in order.</summary>
    public static IReadOnlyList<MutantEntry> All { get; } =
    [
        new(Mutant.M02, "Huge Dirty COW, CVE-2017-1000405: the zero page is written", ["I39", "I14", "I37", "I40"]),
        new(Mutant.M08, "copy-on-write forgets who has the page in swap", ["I37", "I14", "I34"]),
        new(Mutant.M09, "mremap forgets the flush, CVE-2018-18281", ["I15", "I17"]),
        new(Mutant.M10, "pages released before TLBs are clean, CVE-2022-0330", ["I17"]),
        new(Mutant.M13, "mprotect without a flush", ["I16"]),
        new(Mutant.M15, "fork that fails forgets flush_tlb_mm", ["I16", "I37"]),
        new(Mutant.M16, "an ASID is reused without a flush", ["I19", "I15", "I16", "I40"]),
        new(Mutant.M17, "lazy TLB wakes without catching up", ["I18", "I15", "I16", "I17"]),
        new(Mutant.M18, "a reordered acknowledgement is taken for a later one", ["I18"]),
        new(Mutant.M19, "a shootdown misses a CPU", ["I15", "I16", "I17", "I18"]),
        new(Mutant.M20, "fork shares pages that stay writable", ["I14", "I37", "I23"]),
        new(Mutant.M23, "anon_vma double reuse, CVE-2022-42703", ["I12", "I22"]),
        new(Mutant.M25A, "missing bound in do_brk, CVE-2003-0961", ["I21"]),
        new(Mutant.M25C, "unchecked unmap in mremap, CVE-2004-0077", ["I21"]),
        new(Mutant.M26, "expansion below mmap_min_addr, CVE-2019-9213", ["I21"]),
        new(Mutant.M27, "Stack Clash, CVE-2017-1000364: the guard gap is skipped", ["I25"]),
        new(Mutant.M28A, "a merge ignores flags", ["I21", "I22", "I23", "I26", "I27", "I37"]),
        new(Mutant.M28B, "a merge ignores pgoff", ["I21", "I22", "I37", "I23", "I12"]),
        new(Mutant.M28C, "a split is off by one page", ["I21", "I22", "I23", "I24", "I12"]),
        new(Mutant.M29, "a page table is leaked at the edge of a range", ["I24", "I50"]),
        new(Mutant.M31, "double free", ["I01", "I04", "I10"]),
        new(Mutant.M32, "the wrong buddy", ["I04", "I02", "I06"]),
        new(Mutant.M33, "free with the wrong order", ["I01", "I02", "I05", "I06"]),
        new(Mutant.M34, "missing coalescing", ["I05"]),
        new(Mutant.M35, "a free page on the list of another migrate type", ["I06"]),
        new(Mutant.M36, "per-CPU pages are lost when a CPU goes", ["I07", "I02"]),
        new(Mutant.M37, "a watermark is passed", ["I41"]),
        new(Mutant.M42, "fork forgets swap_duplicate", ["I31", "I37", "I34"]),
        new(Mutant.M43, "slots of swap leak when memory is unmapped", ["I31", "I32", "I50"]),
        new(Mutant.M44, "a write error of swap is ignored", ["I37", "I33"]),
        new(Mutant.M45, "a read error of swap gives a page", ["I37", "I40"]),
        new(Mutant.M46, "an entry of swap is read as the zero page, LKML 2015", ["I26", "I31", "I37"]),
        new(Mutant.M47, "lost dirty bit, the corruption of shared mappings in 2.6.19", ["I20", "I29", "I36", "I37"]),
        new(Mutant.M48, "fsyncgate: an error is told to one open file only", ["I38"]),
        new(Mutant.M50, "a page behind the end of a file, truncate against fault", ["I35"]),
        new(Mutant.M51, "a page that could not be read is uptodate", ["I36", "I37", "I40"]),
        new(Mutant.M53, "RSS type confusion", ["I26"]),
        new(Mutant.M54, "mlock drift, CVE-2014-3122: a locked page is evicted", ["I28"]),
        new(Mutant.M55, "Committed_AS leaks", ["I27"]),
        new(Mutant.M56, "an unmapped page is never freed", ["I01", "I02", "I10", "I50"]),
        new(Mutant.M57A, "the OOM killer ignores oom_score_adj", ["I42"]),
        new(Mutant.M57B, "the OOM killer forgets swap", ["I42"]),
        new(Mutant.M58, "a poisoned frame returns to the free lists", ["I09"]),
        new(Mutant.M59, "a dirty poisoned page is silently read again", ["I37", "I38"]),
        new(Mutant.M60, "a message to free is taken twice", ["I49", "I01"]),
        new(Mutant.M70, "munmap is off by one page", ["I23", "I24", "I26"]),
        new(Mutant.M71, "a dirty bit is lost with its entry", ["I33", "I37"]),
        new(Mutant.M72, "a charge leaks where an allocation fails", ["I51"]),
        new(Mutant.M73, "mprotect to PROT_NONE without a flush", ["I15", "I16"]),
        new(Mutant.M74, "KSM write-protects without a flush", ["I16", "I15", "I37"]),
        new(Mutant.M75, "migration without a flush", ["I15", "I17"]),
        new(Mutant.M76, "NR_FREE_PAGES is wrong after hwpoison", ["I06", "I02"]),
        new(Mutant.M77, "a memory cgroup is not uncharged", ["I51"]),
        new(Mutant.M78, "a slot leaks when the swap cache is reused", ["I31", "I32"]),
        new(Mutant.M79, "swap readahead gives the neighbour", ["I33", "I37", "I40"]),
        new(Mutant.M80, "the tail of a page is not zeroed", ["I37", "I40", "I36"]),
        new(Mutant.M81, "wrong pgoff after a split", ["I12", "I21", "I22", "I37", "I23"]),
        new(Mutant.M82, "wrong pgoff after mremap", ["I12", "I37", "I22"]),
        new(Mutant.M83, "double accounting in Committed_AS", ["I27"]),
        new(Mutant.M84, "brk is off by one page", ["I37", "I21", "I23"]),
        new(Mutant.M85, "total_vm misses stack growth", ["I21"]),
        new(Mutant.M87, "slots of shmem leak", ["I31", "I32"]),
        new(Mutant.M89, "dirty pages are dropped", ["I37", "I36"]),
        new(Mutant.M92, "MM_SWAPENTS is wrong", ["I26"]),
        new(Mutant.M93, "MADV_DONTNEED is off by one page", ["I37", "I40"]),
        new(Mutant.M100, "a write to swap is lost", ["I33", "I37", "I40"]),
        new(Mutant.M102, "readahead gives the neighbour", ["I36", "I37", "I40"]),
        new(Mutant.M104, "MADV_WIPEONFORK is ignored", ["I40", "I37"]),
    ];
}
