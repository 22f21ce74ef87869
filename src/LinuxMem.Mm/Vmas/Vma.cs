using System.Globalization;
using System.Runtime.CompilerServices;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Locks;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Vmas;

/// <summary>
/// A virtual memory area: a run of pages of one address space with the same rights and the same backing.
/// </summary>
/// <remarks>
/// Linux: include/linux/mm_types.h: struct vm_area_struct, v6.18. A VMA is a node of its <see cref="VmaTree"/>: bounds
/// change through the tree, and what counts pages (bounds and flags) through the <see cref="VmaSet"/>. Which object
/// stands for a range after a split or a merge is up to the set: carry on with the one that the operation returns.
/// </remarks>
public sealed class Vma
{
    // Links of the tree, kept here so that a look-up touches one object a level and inserting allocates nothing.
    internal Vma? Left;
    internal Vma? Right;
    internal Vma? Parent;
    internal Vma? PrevVma;
    internal Vma? NextVma;
    internal ulong MaxGap;
    internal byte Height;
    private readonly byte pageShift;
    private AnonVma? anonVma;
    private LinkedListNode<Vma>? inAnonVma;
    private LinkedListNode<Vma>? inMapping;

    /// <summary>A VMA that is in no tree yet.</summary>
    /// <param name="pageShift">log2 of the page size in bytes.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">First address beyond; both are whole pages.</param>
    /// <param name="flags">Rights and treatment.</param>
    /// <param name="pgOff">See <see cref="PgOff"/>.</param>
    /// <param name="mapping">See <see cref="Mapping"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="file">See <see cref="File"/>.</param>
    public Vma(int pageShift, ulong start, ulong end, VmFlags flags, ulong pgOff, AddressSpace? mapping, string? name,
        OpenFile? file = null)
    {
        this.pageShift = (byte)pageShift;
        Start = start;
        End = end;
        Flags = flags;
        PgOff = pgOff;
        Mapping = mapping;
        Name = name;
        File = file;
    }

    /// <summary>First address.</summary>
    public ulong Start { get; internal set; }

    /// <summary>First address beyond.</summary>
    public ulong End { get; internal set; }

    /// <summary>
    /// Rights and treatment. <see cref="VmaSet.ModifyFlags"/> changes them, so that the counters follow.
    /// </summary>
    public VmFlags Flags { get; internal set; }

    /// <summary>
    /// Index in pages, within the object, of the page at <see cref="Start"/>. For private anonymous memory it is the
    /// page number of the address at which the memory was first mapped, which keeps an anonymous page's index fixed
    /// when VMAs split and merge.
    /// </summary>
    public ulong PgOff { get; internal set; }

    /// <summary>The file or shared memory object behind it; null for private anonymous memory.</summary>
    public AddressSpace? Mapping { get; }

    /// <summary>
    /// The open file that was mapped, which it keeps open (vm_file); null for anonymous memory, and where no descriptor
    /// stood behind the mapping.
    /// </summary>
    public OpenFile? File { get; }

    /// <summary>
    /// Ties its anonymous pages to it; null until the first anonymous fault, which sets it. Merging passes it
    /// on; only a mapping that mremap left empty (MREMAP_DONTUNMAP) loses it.
    /// </summary>
    public AnonVma? AnonVma
    {
        get => anonVma;
        set
        {
            if (anonVma == value)
                return;
            if (Set is not null)
                anonVma?.Detach(inAnonVma!);
            anonVma = value;
            if (Set is not null)
                AttachToAnonVma();
        }
    }

    /// <summary>Its lock, in virtual time; null until tasks that share the address space need it.</summary>
    public VmaLock? Lock { get; set; }

    /// <summary>The set that it is in; null while it is in none.</summary>
    internal VmaSet? Set { get; private set; }

    /// <summary>The address space that it is in; null while it is in none.</summary>
    public Mm? Mm => Set?.Mm;

    /// <summary>
    /// The name of a special mapping ("[vdso]") or null. VMAs of different names never merge. The heap and the stack
    /// go without, as in Linux: <see cref="MapsText"/> tells them by their address.
    /// </summary>
    public string? Name { get; }

    /// <summary>
    /// Whether a part of it may be treated otherwise than the rest: not of the kernel's own mappings.
    /// </summary>
    /// <remarks>Linux: mm/mmap.c: special_mapping_split, v6.18.</remarks>
    public bool MaySplit => !SpecialMappings.IsSpecial(Name);

    /// <summary>Whether it may be cut at an address: one of huge pages only between two of them.</summary>
    /// <remarks>Linux: mm/hugetlb.c: hugetlb_vm_op_split, v6.18.</remarks>
    public bool MaySplitAt(ulong va) => MaySplit
        && ((Flags & VmFlags.HugeTlb) == 0 || (va & (HugeMemory.BytesOf(this) - 1)) == 0);

    /// <summary>The huge pages promised to it, where it is a private mapping of such; null for all others.</summary>
    public HugeReserve? HugeReserve { get; internal set; }

    /// <summary>
    /// The kernel's pages behind a special mapping ([vdso]); null for all others. /proc shows such a VMA as anonymous.
    /// </summary>
    public AddressSpace? Special { get; internal set; }

    /// <summary>
    /// Whether Linux too leaves this VMA apart from the one just below although the two could merge: the first heap
    /// VMA above bss, a split whose call then failed, growth of a stack up to its neighbour, fork of wiped memory, what
    /// mremap left empty. I22 excepts these boundaries.
    /// </summary>
    public bool LeftUnmerged { get; internal set; }

    /// <summary>What was read along with its pages from swap, and was it worth it (swap_readahead_info).</summary>
    internal SwapTrail SwapTrail { get; set; } = SwapTrail.Fresh;

    /// <summary>From which nodes its pages are to come (mbind); the default is the task's own policy.</summary>
    public MemoryPolicy Policy { get; internal set; }

    /// <summary>Bytes from start to end.</summary>
    public ulong SpanBytes => End - Start;

    /// <summary>Pages from start to end.</summary>
    public ulong SpanPages => (End - Start) >> pageShift;

    /// <summary>The VMA with the next higher address, or null. O(1).</summary>
    public Vma? Next => NextVma;

    /// <summary>The VMA with the next lower address, or null. O(1).</summary>
    public Vma? Prev => PrevVma;

    /// <summary>
    /// Whether its pages, unless written by a private copy, are those of no object (vma_is_anonymous).
    /// </summary>
    public bool IsAnonymous => Mapping is null;

    /// <summary>Puts it into a set: from now on its object and its anon_vma know it.</summary>
    internal void Enter(VmaSet set)
    {
        Set = set;
        AttachToAnonVma();
        if (Mapping is { } mapping)
            mapping.Vmas.AddLast(inMapping ??= new LinkedListNode<Vma>(this));
    }

    /// <summary>Takes it out of its set.</summary>
    internal void Leave()
    {
        anonVma?.Detach(inAnonVma!);
        if (Mapping is { } mapping)
            mapping.Vmas.Remove(inMapping!);
        Set = null;
    }

    private void AttachToAnonVma()
    {
        if (anonVma is not null)
            anonVma.Attach(inAnonVma ??= new LinkedListNode<Vma>(this));
    }

    /// <summary>Whether the address lies inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ulong va) => va - Start < End - Start;

    /// <summary>
    /// Index of an address's page within the object (linear_page_index). The address may be <see cref="End"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong PageIndexOf(ulong va) => PgOff + ((va - Start) >> pageShift);

    /// <summary>Range and rights, for messages.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture, $"{Start:x}-{End:x} {Flags} pgoff {PgOff:x} {Mapping?.Name ?? Name}");
}
