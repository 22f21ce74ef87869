using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Fault;

/// <summary>
/// Maps what a trace accesses outside every VMA: traces do not say where the program's image, its loader and its stack
/// are, but what they access there was there.
/// </summary>
/// <remarks>
/// What is written first is private memory, a page at a time: the stack, bss. What is fetched or read first is taken
/// for a part of a file, a fault-around window at a time, so that the faults are those of an image that is in the page
/// cache.
/// </remarks>
public sealed class MappingInference
{
    private const VmFlags Rights = VmFlags.Read | VmFlags.Write | VmFlags.Exec | VmFlagsOf.MayAll;
    private readonly KernelMemory memory;
    private readonly SharedObjects objects;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public MappingInference(KernelMemory memory, SharedObjects objects, IMmObserver observer)
    {
        this.memory = memory;
        this.objects = objects;
        this.observer = observer;
    }

    /// <summary>Maps the page of an address, or the window around it; null below mmap_min_addr.</summary>
    public Vma? Map(Mm mm, ulong address, AccessKind kind, ref WorkCost cost)
    {
        int pageShift = memory.Geometry.PageShift;
        ulong start = address & ~memory.Geometry.PageOffsetMask;
        ulong end = start + memory.Geometry.PageBytes;
        if (start < memory.Settings.Vm.MmapMinAddr)
            return null;
        AddressSpace? image = null;
        if (kind != AccessKind.Write)
        {
            image = objects.File("[image]");
            ulong window = (ulong)FileFault.FaultAroundPages << pageShift;
            Vma? above = mm.Vmas.Tree.Find(address);
            Vma? below = above is null ? mm.Vmas.Tree.Last : mm.Vmas.Tree.Prev(above);
            ulong aligned = start & ~(window - 1);
            ulong floor = Math.Max(below?.End ?? 0, memory.Settings.Vm.MmapMinAddr);
            ulong ceiling = above?.Start ?? memory.Geometry.TaskSize;
            start = Math.Max(aligned, floor);
            end = Math.Min(aligned + window, ceiling);
        }

        mm.InferredPages += (long)((end - start) >> pageShift);
        cost.Vmas++;
        observer.Mapped(mm, start, end, image, false, start >> pageShift);
        return mm.Vmas.Map(start, end, Rights, start >> pageShift, image, null);
    }
}
