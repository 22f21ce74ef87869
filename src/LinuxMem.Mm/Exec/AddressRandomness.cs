using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Exec;

/// <summary>By how much the parts of one process's address space are moved; all zero without randomisation.</summary>
/// <remarks>
/// Linux: fs/binfmt_elf.c: randomize_stack_top, load_elf_binary; arch/x86/mm/mmap.c: arch_mmap_rnd, mmap_base;
/// arch/x86/kernel/process.c: arch_align_stack, arch_randomize_brk, v6.18. The entropy is Linux's: 28 bits of pages for
/// the mmap area and for programs, 22 for the stack, 1 GiB for the heap.
/// </remarks>
public readonly struct AddressRandomness
{
    private const int MmapBits = 28;
    private const ulong StackPagesMask = 0x3fffff;
    private const ulong StackPointerBytes = 8192;
    private const ulong HeapBytes = 1UL << 30;
    private const ulong GapBytesMin = 128UL << 20;
    private readonly PagingGeometry geometry;

    private AddressRandomness(PagingGeometry geometry) => this.geometry = geometry;

    /// <summary>Whether anything is random at all (PF_RANDOMIZE).</summary>
    public bool IsOn { get; private init; }

    /// <summary>Whether the heap does not begin behind the program.</summary>
    public bool MovesHeap { get; private init; }

    /// <summary>Pages that the mmap area is moved down.</summary>
    public ulong MmapPages { get; private init; }

    /// <summary>Pages that a position-independent program is moved up.</summary>
    public ulong ProgramPages { get; private init; }

    /// <summary>Pages that the stack is moved down.</summary>
    public ulong StackPages { get; private init; }

    /// <summary>Bytes that the top of the stack is moved down besides.</summary>
    public ulong StackTopBytes { get; private init; }

    /// <summary>Bytes that the stack pointer is moved down besides.</summary>
    public ulong StackPointerOffset { get; private init; }

    /// <summary>Pages that the heap is moved up.</summary>
    public ulong HeapPages { get; private init; }

    /// <summary>The first address above the stack.</summary>
    public ulong StackTop =>
        (((geometry.MapWindowEnd - (StackPages << geometry.PageShift) - StackTopBytes) & ~15UL)
            + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;

    /// <summary>
    /// The draw for one address space; the same for the same seed and number. Kernels whose address space is narrower
    /// than x86-64's are not randomised.
    /// </summary>
    public static AddressRandomness Draw(VmSettings vm, PagingGeometry geometry, ulong seed, int mmId)
    {
        if (vm.RandomizeVaSpace == 0 || geometry.VirtualBits < 48)
            return new AddressRandomness(geometry);
        var stream = new RandomStream(RandomStream.Derive(seed, "aslr", (ulong)mmId));
        return new AddressRandomness(geometry)
        {
            IsOn = true,
            MovesHeap = vm.RandomizeVaSpace > 1,
            MmapPages = stream.Below(1UL << MmapBits),
            ProgramPages = stream.Below(1UL << MmapBits),
            StackPages = stream.Next() & StackPagesMask,
            StackTopBytes = stream.Below(StackPointerBytes),
            StackPointerOffset = stream.Below(StackPointerBytes),
            HeapPages = stream.Below(HeapBytes >> geometry.PageShift),
        };
    }

    /// <summary>
    /// Where mmap searches downwards from: below the largest stack that the limit allows, at least 128 MiB, at most 5/6
    /// of the address space.
    /// </summary>
    public ulong MmapBase(RlimitTable limits, ulong guardBytes)
    {
        ulong end = geometry.MapWindowEnd;
        ulong gap = limits.StackBytes;
        ulong pad = guardBytes + (IsOn ? StackPagesMask << geometry.PageShift : 0);
        if (gap + pad > gap)
            gap += pad;
        gap = Math.Clamp(gap, GapBytesMin, end / 6 * 5);
        ulong start = end - gap - (MmapPages << geometry.PageShift);
        return (start + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
    }
}
