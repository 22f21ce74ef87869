using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm;

/// <summary>The address space of a process: its VMAs, its page tables, its counters.</summary>
/// <remarks>
/// Linux: include/linux/mm_types.h: struct mm_struct, v6.18. Owned by the kernel; changed in the kernel phase only.
/// </remarks>
public sealed class Mm : Lru.IWalkedProcess
{
    private VmaSet vmas;

    /// <summary>A new address space with no VMAs, no tables yet and one user.</summary>
    /// <param name="id">Unique number, from 1 in order of creation.</param>
    /// <param name="geometry">The machine's paging.</param>
    /// <param name="vmas">Its VMAs.</param>
    /// <param name="limits">The owner's resource limits.</param>
    /// <param name="cpus">Number of CPUs of the machine.</param>
    public Mm(int id, PagingGeometry geometry, VmaSet vmas, RlimitTable limits, int cpus)
    {
        Id = id;
        MmapLock = new RwSemaphore { Owner = id };
        this.vmas = vmas;
        vmas.Mm = this;
        Limits = limits;
        Context = new MmContext(id, default, geometry);
        AsidOnCpu = new short[cpus];
        Array.Fill(AsidOnCpu, NoAsid);
    }

    /// <summary>Stands in <see cref="AsidOnCpu"/> for a CPU that has no entries of this address space.</summary>
    public const short NoAsid = -1;

    /// <summary>Unique number, from 1 in order of creation.</summary>
    public int Id { get; }

    /// <summary>The lowest address that a stack of it has ever grown to; beyond all if none has.</summary>
    public ulong StackGrownTo { get; internal set; } = ulong.MaxValue;

    /// <summary>Protects the VMAs (mmap_lock), in virtual time.</summary>
    public RwSemaphore MmapLock { get; }

    /// <summary>The VMAs.</summary>
    public VmaSet Vmas
    {
        get => vmas;
        set
        {
            vmas = value;
            vmas.Mm = this;
        }
    }

    /// <summary>What a CPU loads to use it: the root table and the history of late changes.</summary>
    public MmContext Context { get; }

    /// <summary>Limits that mmap, brk and stack growth look at: those of the process that it was made for.</summary>
    public RlimitTable Limits { get; set; }

    /// <summary>
    /// Flags that every new mapping gets beside its own: those of mlockall(MCL_FUTURE) (mm_struct def_flags).
    /// </summary>
    public VmFlags DefFlags { get; set; }

    /// <summary>Whether nothing may become writable and executable, or executable later (PR_SET_MDWE).</summary>
    public bool DeniesWriteExec { get; set; }

    /// <summary>Whether a locked stack may grow past RLIMIT_MEMLOCK: its owner has CAP_IPC_LOCK.</summary>
    public bool LocksWithoutLimit { get; set; } = true;

    /// <summary>Whether any of its pages were ever offered to be merged (MMF_VM_MERGEABLE).</summary>
    public bool OffersPages { get; set; }

    /// <summary>Whether all that suits is offered to be merged (PR_SET_MEMORY_MERGE, MMF_VM_MERGE_ANY).</summary>
    public bool MergesAll { get; set; }

    /// <summary>Whether any mapping was ever sealed (mseal), so that calls must look.</summary>
    public bool HasSealed { get; set; }

    /// <summary>With <see cref="DeniesWriteExec"/>: children are not bound by it (PR_MDWE_NO_INHERIT).</summary>
    public bool DeniesWriteExecAlone { get; set; }

    /// <summary>Tasks that use it (mm_users).</summary>
    public int Users { get; set; } = 1;

    /// <summary>Whether others ever took its mmap_lock: ksmd, or who reads its smaps.</summary>
    public bool IsVisited { get; set; }

    /// <summary>Whether anybody but its only task may want its locks.</summary>
    public bool IsShared => Users > 1 || IsVisited;

    /// <summary>
    /// Whether it ever stored to a file on a disk through a mapping: writeback takes the right to do so away again,
    /// whoever asks for it.
    /// </summary>
    public bool StoresToFiles { get; private set; }

    /// <summary>
    /// Whether it ever mapped a file that somebody had open for writing: whoever shortens the file, or takes a part out
    /// of its middle, takes its pages away.
    /// </summary>
    public bool MapsChangingFiles { get; private set; }

    /// <summary>Whether others can change its page tables while it runs.</summary>
    public bool IsReachable => Users > 1 || StoresToFiles || MapsChangingFiles;

    /// <summary>Notes that it maps a file that others can shorten.</summary>
    public void NoteMapsChangingFiles()
    {
        MapsChangingFiles = true;
        Context.Shared = true;
    }

    /// <summary>Notes that it stores to a file on a disk: what changes in its tables from now on is recorded.</summary>
    public void NoteStoresToFiles()
    {
        StoresToFiles = true;
        Context.Shared = true;
    }

    /// <summary>Where the heap starts.</summary>
    public ulong StartBrk { get; set; }

    /// <summary>Where the heap ends; not page-aligned.</summary>
    public ulong Brk { get; set; }

    /// <summary>The highest address below the stack; 0 without a stack.</summary>
    public ulong StackTop { get; set; }

    /// <summary>Where the image, the arguments and the environment lie.</summary>
    public ImageBounds Bounds { get; set; }

    /// <summary>The words of the auxiliary vector (saved_auxv); empty for a program that came without a file.</summary>
    public IReadOnlyList<ulong> AuxiliaryVector { get; set; } = [];

    /// <summary>The file that it runs, kept from being written; null for a program that came without one.</summary>
    public Inode? ExeFile { get; set; }

    /// <summary>Where the image of the vdso begins (mm->context.vdso); 0 without one.</summary>
    public ulong Vdso { get; set; }

    /// <summary>Where mmap searches downwards from.</summary>
    public ulong MmapBase { get; set; }

    /// <summary>Pages of anonymous memory mapped (MM_ANONPAGES).</summary>
    public long RssAnon { get; set; }

    /// <summary>Pages of files mapped (MM_FILEPAGES).</summary>
    public long RssFile { get; set; }

    /// <summary>Pages of shared memory mapped (MM_SHMEMPAGES).</summary>
    public long RssShmem { get; set; }

    /// <summary>Entries that name a slot of swap (MM_SWAPENTS).</summary>
    public long SwapEntries { get; set; }

    /// <summary>Private huge pages by their first addresses; null until there is one.</summary>
    internal SortedDictionary<ulong, HugePage>? HugePages { get; set; }

    /// <summary>
    /// Whether pkey_alloc was tried: without protection keys it takes the only one the first time, in vain.
    /// </summary>
    public bool HasTriedPkey { get; set; }

    /// <summary>The commands by which it registered for barriers (membarrier_state).</summary>
    public uint Barriers { get; set; }

    /// <summary>What prctl(PR_GET_THP_DISABLE) answers.</summary>
    public int ThpDisabled { get; set; }

    /// <summary>Whether it may be dumped and looked into: SUID_DUMP_DISABLE (0) or SUID_DUMP_USER (1).</summary>
    public int Dumpable { get; set; } = 1;

    /// <summary>Who supplies pages of it (userfaultfd), in the order of their making; null for nobody.</summary>
    public List<Userfault.UserfaultContext>? Userfaults { get; set; }

    /// <summary>The page that is being supplied right now; null for none.</summary>
    public ulong? UserfaultFill { get; set; }

    /// <summary>Largest resident set so far, in pages (hiwater_rss).</summary>
    public long HiwaterRss { get; set; }

    /// <summary>Page-table pages, the root included.</summary>
    public long PageTablePages { get; set; }

    /// <summary>Pages mapped only because a trace accessed them (see ProcessSpec.InferMappings).</summary>
    public long InferredPages { get; set; }

    /// <summary>Whether accesses outside every VMA map something instead of failing.</summary>
    public bool InferMappings { get; set; }

    /// <summary>Counts changes that TLBs must hear of (tlb_gen); from 1, as in Linux.</summary>
    public long TlbGen { get; set; } = 1;

    /// <summary>Until when somebody waits for other CPUs to forget what it took away (tlb_flush_pending).</summary>
    public long FlushingUntilNs { get; set; }

    /// <summary>
    /// By CPU: the ASID under which its TLB may hold entries of this address space, or <see cref="NoAsid"/>
    /// (mm_cpumask).
    /// </summary>
    public short[] AsidOnCpu { get; }

    /// <summary>Pages mapped.</summary>
    public long Rss => RssAnon + RssFile + RssShmem;

    /// <summary>Where a walk through its pages goes on (swap_address of v2.0).</summary>
    public ulong SwapAddress { get; set; }

    /// <inheritdoc/>
    public int SwapCount { get; set; }

    /// <summary>
    /// Notes the resident set for its high-water mark. Linux does so before it shrinks and when asked.
    /// </summary>
    public void UpdateHiwaterRss() => HiwaterRss = Math.Max(HiwaterRss, Rss);
}
