using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Chooses where a mapping goes.</summary>
/// <remarks>
/// Linux: mm/mmap.c: __get_unmapped_area, mm_get_unmapped_area_vmflags; arch/x86/kernel/sys_x86_64.c:
/// arch_get_unmapped_area_topdown; mm/huge_memory.c: thp_get_unmapped_area_vmflags, v6.18. Top-down below mmap_base,
/// then bottom-up above it; private anonymous lengths of whole 2 MiB are aligned to 2 MiB on x86-64, so that huge pages
/// could serve them.
/// </remarks>
public sealed class UnmappedArea
{
    private const ulong HugePageBytes = 2UL << 20;
    private readonly KernelMemory memory;
    private readonly ulong guardBytes;
    private readonly bool alignsHuge;

    /// <summary>Over one machine's memory.</summary>
    public UnmappedArea(KernelMemory memory)
    {
        this.memory = memory;
        guardBytes = (ulong)memory.Settings.Vm.StackGuardGapPages << memory.Geometry.PageShift;
        alignsHuge = memory.Geometry.VirtualBits >= 48;
    }

    /// <summary>The address for <paramref name="length"/> bytes (whole pages), or null if there is no room.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="hint">Wish of the caller, page-aligned; 0 for none.</param>
    /// <param name="length">Bytes, whole pages.</param>
    /// <param name="privateAnonymous">Whether the mapping is private and anonymous.</param>
    public ulong? Find(Mm mm, ulong hint, ulong length, bool privateAnonymous)
    {
        if (length > memory.Geometry.TaskSize - memory.Settings.Vm.MmapMinAddr)
            return null;
        if (hint != 0 && IsFree(mm, hint, length))
            return hint;
        if (alignsHuge && hint == 0 && privateAnonymous && length % HugePageBytes == 0)
        {
            ulong? aligned = Aligned(mm, length);
            if (aligned is not null)
                return aligned;
        }

        return Search(mm, length);
    }

    // Searched with room to spare, then moved up to the boundary: the lowest address would waste the room above.
    private ulong? Aligned(Mm mm, ulong length)
    {
        ulong? found = Search(mm, length + HugePageBytes);
        if (found is null)
            return null;
        ulong offset = (0 - found.Value) & (HugePageBytes - 1);
        return offset == 0 ? found.Value + HugePageBytes : found.Value + offset;
    }

    private ulong? Search(Mm mm, ulong length)
    {
        ulong low = Math.Max(memory.Geometry.PageBytes, memory.Settings.Vm.MmapMinAddr);
        ulong? found = mm.Vmas.Tree.FindGapTopDown(low, mm.MmapBase, length, 0, 0, guardBytes);
        return found ?? mm.Vmas.Tree.FindGapBottomUp(mm.MmapBase, memory.Geometry.MapWindowEnd, length, 0, 0,
            guardBytes);
    }

    private bool IsFree(Mm mm, ulong hint, ulong length)
    {
        if (hint < memory.Settings.Vm.MmapMinAddr || hint > memory.Geometry.TaskSize - length)
            return false;
        Vma? above = mm.Vmas.Tree.Find(hint);
        if (above is null)
            return true;
        ulong gap = (above.Flags & VmFlags.GrowsDown) != 0 ? guardBytes : 0;
        return hint + length <= above.Start && above.Start - hint - length >= gap;
    }
}
