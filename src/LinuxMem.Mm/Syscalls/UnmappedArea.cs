using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Chooses where a mapping goes.</summary>
/// <remarks>
/// Linux: mm/mmap.c: __get_unmapped_area; arch/x86/kernel/sys_x86_64.c: arch_get_unmapped_area_topdown,
/// arch_get_unmapped_area; mm/huge_memory.c: __thp_get_unmapped_area, v6.18. Top-down below mmap_base, then bottom-up
/// from a third of the address space; what huge pages could serve is aligned to 2 MiB on x86-64.
/// </remarks>
public sealed class UnmappedArea
{
    private const long HugePageBytes = 2L << 20;
    private const ulong LowStart = 0x4000_0000;
    private const ulong LowEnd = 0x8000_0000;
    private readonly PagingGeometry geometry;
    private readonly ulong guardBytes;
    private readonly ulong minAddr;
    private readonly ulong lowest;
    private readonly bool alignsHuge;

    /// <summary>Over one machine's memory.</summary>
    public UnmappedArea(KernelMemory memory)
    {
        geometry = memory.Geometry;
        guardBytes = (ulong)memory.Settings.Vm.StackGuardGapPages << geometry.PageShift;
        minAddr = memory.Settings.Vm.MmapMinAddr;
        lowest = LowestOf(memory.Settings.Vm);
        alignsHuge = geometry.VirtualBits >= 48;
    }

    /// <summary>
    /// The place of a mapping. ENOMEM: there is no room, or it would end beyond the user's part; EINVAL: a fixed
    /// address that is no page's; EPERM: an address below vm.mmap_min_addr, without CAP_SYS_RAWIO.
    /// </summary>
    public Errno Find(Mm mm, TaskStruct task, in AreaRequest request, out ulong address)
    {
        address = 0;
        if (request.Length > geometry.TaskSize)
            return Errno.ENOMEM;
        if (!IsAligned(request))
            return Errno.EINVAL;
        ulong? found = Place(mm, request);
        if (found is null || found.Value > geometry.TaskSize - request.Length)
            return Errno.ENOMEM;
        address = found.Value;
        if ((address & geometry.PageOffsetMask) != 0)
            return Errno.EINVAL;
        return address < minAddr && !task.Credentials.Has(Capabilities.SysRawIo) ? Errno.EPERM : Errno.None;
    }

    /// <summary>A place that is aligned for nothing, or null if there is no room: for images.</summary>
    public ulong? FindRoom(Mm mm, ulong hint, ulong length) =>
        PlaceTopDown(mm, new AreaRequest(hint, length, 0, AreaKind.Plain));

    /// <summary>
    /// The lowest address that the kernel chooses by itself, or lets a stack grow to: vm.mmap_min_addr, or what
    /// security modules were configured to keep free, if that is more. Fixed mappings are asked for the former only.
    /// </summary>
    /// <remarks>Linux: security/min_addr.c: update_mmap_min_addr, v6.18, CONFIG_LSM_MMAP_MIN_ADDR=65536.</remarks>
    public static ulong LowestOf(VmSettings settings) => Math.Max(settings.MmapMinAddr, 65536);

    /// <summary>A wish as mmap takes it: whole pages, and not below the lowest (round_hint_to_min).</summary>
    public ulong RoundHint(ulong hint)
    {
        hint &= ~geometry.PageOffsetMask;
        return hint != 0 && hint < lowest ? (lowest + geometry.PageOffsetMask) & ~geometry.PageOffsetMask : hint;
    }

    // Linux: fs/hugetlbfs/inode.c: hugetlb_get_unmapped_area, v6.18.
    private static bool IsAligned(in AreaRequest request)
    {
        ulong mask = request.AlignBytes - 1;
        return request.AlignBytes == 0 || ((request.Length & mask) == 0
            && ((request.Flags & MapFlags.Fixed) == 0 || (request.Address & mask) == 0));
    }

    private ulong? Place(Mm mm, in AreaRequest request)
    {
        if (request.AlignBytes != 0)
            return PlaceTopDown(mm, request with { Address = Up(request.Address, request.AlignBytes) });
        bool anonymous = request.Kind == AreaKind.Anonymous && request.Address == 0
            && request.Length % (ulong)HugePageBytes == 0;
        if (alignsHuge && (anonymous || request.Kind == AreaKind.File))
            return PlaceHuge(mm, request) ?? PlaceTopDown(mm, request);
        return PlaceTopDown(mm, request);
    }

    // Searched with room to spare, then moved up to where address and offset agree: the lowest place would waste the
    // room above. The numbers are signed as in Linux: an offset near 2^63 rounds up to a negative one.
    private ulong? PlaceHuge(Mm mm, in AreaRequest request)
    {
        long offset = (long)(request.FileIndex << geometry.PageShift);
        long end = unchecked(offset + (long)request.Length);
        long aligned = unchecked(((offset - 1) | (HugePageBytes - 1)) + 1);
        if (end <= aligned || unchecked((ulong)(end - aligned)) < (ulong)HugePageBytes)
            return null;
        ulong padded = request.Length + (ulong)HugePageBytes;
        if (padded < request.Length || unchecked(offset + (long)padded) < offset)
            return null;
        ulong? found = PlaceTopDown(mm, request with { Length = padded });
        if (found is null || found == request.Address)
            return found;
        ulong shift = unchecked((ulong)offset - found.Value) & ((ulong)HugePageBytes - 1);
        return found.Value + (shift == 0 ? (ulong)HugePageBytes : shift);
    }

    private ulong? PlaceTopDown(Mm mm, in AreaRequest request)
    {
        ulong length = request.Length;
        if (length > geometry.TaskSize)
            return null;
        if ((request.Flags & MapFlags.Fixed) != 0)
            return request.Address;
        if ((request.Flags & MapFlags.Low32Bit) != 0)
            return PlaceBottomUp(mm, request, LowStart, LowEnd);
        ulong hint = request.Address & ~geometry.PageOffsetMask;
        if (hint != 0 && IsValidHint(hint, length) && IsFree(mm, hint, length))
            return hint;
        ulong high = mm.MmapBase;
        if (hint > geometry.MapWindowEnd)
            high += geometry.TaskSize - geometry.MapWindowEnd;
        ulong low = Math.Max(geometry.PageBytes, lowest);
        ulong? found = mm.Vmas.Tree.FindGapTopDown(low, high, length, AlignMask(request), 0, guardBytes);
        if (found is not null)
            return found;
        ulong third = (geometry.MapWindowEnd / 3) + geometry.PageOffsetMask;
        ulong top = hint > geometry.MapWindowEnd ? geometry.TaskSize : geometry.MapWindowEnd;
        return PlaceBottomUp(mm, request, third & ~geometry.PageOffsetMask, top);
    }

    private ulong? PlaceBottomUp(Mm mm, in AreaRequest request, ulong low, ulong high)
    {
        ulong length = request.Length;
        if (length > high)
            return null;
        ulong hint = (request.Address + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        if (hint != 0 && high - length >= hint && IsFree(mm, hint, length))
            return hint;
        low = Math.Max(low, lowest);
        return mm.Vmas.Tree.FindGapBottomUp(low, high, length, AlignMask(request), 0, guardBytes);
    }

    private static ulong Up(ulong address, ulong bytes) => (address + bytes - 1) & ~(bytes - 1);

    private ulong AlignMask(in AreaRequest request) =>
        request.AlignBytes == 0 ? 0 : (request.AlignBytes - 1) & ~geometry.PageOffsetMask;

    // A wish above the usual window asks for the whole of a larger address space; one that crosses its end is none.
    private bool IsValidHint(ulong hint, ulong length) =>
        hint <= geometry.TaskSize - length
        && hint > geometry.MapWindowEnd == hint + length > geometry.MapWindowEnd;

    private bool IsFree(Mm mm, ulong hint, ulong length)
    {
        Vma? above = mm.Vmas.Tree.Find(hint);
        if (above is null)
            return true;
        ulong gap = (above.Flags & VmFlags.GrowsDown) != 0 ? guardBytes : 0;
        return hint + length <= above.Start && above.Start - hint - length >= gap;
    }
}
