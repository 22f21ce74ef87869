using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Exec;

/// <summary>Maps one ELF file's segments: where each goes, its part of the file, and the zeros behind it.</summary>
/// <remarks>Linux: fs/binfmt_elf.c: elf_load, elf_map, padzero; mm/vma.c: vm_brk_flags, v6.18.</remarks>
public sealed class ElfMapper
{
    private const ulong HugePageBytes = 2UL << 20;
    private readonly PagingGeometry geometry;
    private readonly SpaceLimits limits;
    private readonly Accounting.VmTunables tunables;
    private readonly ulong lowest;
    private readonly UnmapRegion unmap;
    private readonly UnmappedArea area;
    private readonly FileSystem files;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public ElfMapper(
        KernelMemory memory, SpaceLimits limits, UnmapRegion unmap, FileSystem files, IMmObserver observer)
    {
        this.files = files;
        geometry = memory.Geometry;
        this.unmap = unmap;
        area = new UnmappedArea(memory);
        this.observer = observer;
        this.limits = limits;
        tunables = memory.Tunables;
        lowest = memory.Settings.Vm.MmapMinAddr;
    }

    /// <summary>
    /// Maps a segment; <paramref name="address"/> is where it is wished, and then where it is. False if it cannot be
    /// had there.
    /// </summary>
    /// <param name="exec">The execve under way, which learns of pages to be zeroed.</param>
    /// <param name="file">The file.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="address">Its address with the bias added.</param>
    /// <param name="place">How the address is meant.</param>
    /// <param name="totalBytes">With the first segment of a file: what all of them need; else 0.</param>
    public bool TryLoad(ExecProgress exec, ExecFile file, in ElfSegment segment, ref ulong address, ElfPlace place,
        ulong totalBytes)
    {
        ulong inPage = segment.Address & geometry.PageOffsetMask;
        ulong mapped = address & ~geometry.PageOffsetMask;
        ulong zeroStart = mapped;
        if (segment.FileBytes > 0)
        {
            if (!TryMapFile(exec, file, segment, ref mapped, place, totalBytes))
                return false;
            zeroStart = mapped + inPage + segment.FileBytes;
        }

        address = mapped;
        if (segment.MemoryBytes <= segment.FileBytes)
            return true;
        ulong zeroEnd = mapped + inPage + segment.MemoryBytes;
        ulong partial = zeroStart & geometry.PageOffsetMask;
        if (segment.FileBytes > 0 && partial != 0 && (segment.Prot & ProtFlags.Write) != 0)
            exec.Zero(zeroStart, geometry.PageBytes - partial);
        return TryMapZeros(exec, PageUp(zeroStart), PageUp(zeroEnd), segment.Prot & ProtFlags.Exec);
    }

    /// <summary>
    /// Where a file of that size would go by itself, aligned as a mapping of it would be; null if there is no room.
    /// </summary>
    public ulong? FindRoom(Mm mm, in ElfSegment first, ulong bytes) =>
        FindRoom(mm, 0, PageUp(bytes), first.Offset - (first.Address & geometry.PageOffsetMask));

    // The file system aligns what holds a whole huge page, so that the page cache could have one.
    private ulong? FindRoom(Mm mm, ulong hint, ulong bytes, ulong offset)
    {
        ulong aligned = (offset + HugePageBytes - 1) & ~(HugePageBytes - 1);
        if (hint == 0 && offset + bytes > aligned && offset + bytes - aligned >= HugePageBytes
            && area.FindRoom(mm, 0, bytes + HugePageBytes) is { } found)
        {
            ulong shift = (offset - found) & (HugePageBytes - 1);
            return found + (shift == 0 ? HugePageBytes : shift);
        }

        return area.FindRoom(mm, hint, bytes);
    }

    private bool TryMapFile(ExecProgress exec, ExecFile file, in ElfSegment segment, ref ulong address,
        ElfPlace place, ulong totalBytes)
    {
        ulong inPage = segment.Address & geometry.PageOffsetMask;
        ulong bytes = PageUp(segment.FileBytes + inPage);
        ulong offset = segment.Offset - inPage;
        if ((offset & geometry.PageOffsetMask) != 0 || offset + bytes < offset || bytes < segment.FileBytes)
            return false;
        ulong wanted = totalBytes == 0 ? bytes : PageUp(totalBytes);
        Mm mm = exec.Mm;
        if (wanted == 0 || wanted > geometry.TaskSize)
            return false;
        if (place == ElfPlace.Anywhere)
        {
            if (FindRoom(mm, address, wanted, offset) is not { } found)
                return false;
            address = found;
        }

        if (address > geometry.TaskSize - wanted || address < lowest)
            return false;
        if (place == ElfPlace.FixedNoReplace && mm.Vmas.Tree.FindIntersection(address, address + wanted) is not null)
            return false;
        VmFlags flags = VmFlagsOf.Image(segment.Prot);
        if (!Allows(mm, wanted, flags)
            || unmap.Unmap(mm, address, address + bytes, exec.At, ref exec.Cost) != Errno.None)
            return false;
        AddressSpace mapping = file.InodeIn(files).Mapping;
        ulong index = offset >> geometry.PageShift;
        if (mm.Vmas.TryMap(address, address + bytes, flags, index, mapping, null) is null)
            return false;
        exec.Cost.Vmas++;
        observer.Mapped(mm, address, address + bytes, mapping, false, index);
        return true;
    }

    private bool TryMapZeros(ExecProgress exec, ulong start, ulong end, ProtFlags exec64)
    {
        if (start == end)
            return true;
        VmFlags flags = VmFlagsOf.Data | VmFlagsOf.Protection(exec64);
        Mm mm = exec.Mm;
        if (start > end || end > geometry.TaskSize || start < lowest
            || !Allows(mm, end - start, flags)
            || unmap.Unmap(mm, start, end, exec.At, ref exec.Cost) != Errno.None)
            return false;
        if (mm.Vmas.TryMap(start, end, flags, start >> geometry.PageShift, null, null) is null)
            return false;
        exec.Cost.Vmas++;
        observer.Mapped(mm, start, end, null, false, start >> geometry.PageShift);
        return true;
    }

    private ulong PageUp(ulong bytes) => (bytes + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;

    private bool Allows(Mm mm, ulong bytes, VmFlags flags) => mm.Vmas.Tree.Count <= tunables.MaxMapCount
        && limits.MayExpand(mm, mm.Limits, flags, bytes >> geometry.PageShift);
}
