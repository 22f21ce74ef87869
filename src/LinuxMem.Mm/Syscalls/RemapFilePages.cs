using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>remap_file_pages(addr, size, prot, pgoff, flags): another part of the file at the same place.</summary>
/// <remarks>Linux: mm/mmap.c: remap_file_pages, v6.18: an emulation by mmap.</remarks>
public sealed class RemapFilePages
{
    private readonly PagingGeometry geometry;
    private readonly Mmap mmap;

    /// <summary>By way of mmap.</summary>
    public RemapFilePages(PagingGeometry geometry, Mmap mmap)
    {
        this.geometry = geometry;
        this.mmap = mmap;
    }

    /// <summary>
    /// Maps pages of the file that is mapped there. EINVAL: bad arguments, or not all of the range is the same shared
    /// mapping; else as mmap.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        ulong start = call.Request.A0 & ~geometry.PageOffsetMask;
        ulong size = call.Request.A1 & ~geometry.PageOffsetMask;
        ulong end = unchecked(start + size);
        ulong index = call.Request.A3;
        bool silly = call.Request.A2 != 0 || end <= start
            || unchecked(index + (size >> geometry.PageShift)) < index;
        Vma? vma = silly ? null : call.Mm.Vmas.Tree.FindContaining(start);
        if (vma is null || (vma.Flags & VmFlags.Shared) == 0 || vma.File is null || !IsOneMapping(vma, end))
            return SyscallResult.Fail(Errno.EINVAL);
        ProtFlags prot = ProtFlags.None;
        if ((vma.Flags & VmFlags.Read) != 0)
            prot |= ProtFlags.Read;
        if ((vma.Flags & VmFlags.Write) != 0)
            prot |= ProtFlags.Write;
        if ((vma.Flags & VmFlags.Exec) != 0)
            prot |= ProtFlags.Exec;
        MapFlags flags = (MapFlags)(uint)call.Request.A4 & MapFlags.NonBlock;
        flags |= MapFlags.Shared | MapFlags.Fixed | MapFlags.Populate;
        if ((vma.Flags & VmFlags.Locked) != 0)
            flags |= MapFlags.Locked;
        // The mapping that goes may be the last one of its object.
        OpenFile file = vma.File;
        file.Get();
        var request = new MapRequest(file, start, size, prot, flags, index << geometry.PageShift);
        SyscallResult result = mmap.Map(call, request, out populate, ref cost);
        file.Put();
        return result.IsError ? result : default;
    }

    private static bool IsOneMapping(Vma first, ulong end)
    {
        Vma last = first;
        while (last.End < end)
        {
            Vma? next = last.Next;
            if (next is null || next.Start != last.End || next.File != first.File || next.Flags != first.Flags)
                return false;
            last = next;
        }

        return true;
    }
}
