using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>msync(addr, length, flags).</summary>
/// <remarks>Linux: mm/msync.c, v6.18.</remarks>
public sealed class Msync
{
    private const ulong Async = 1; // MS_ASYNC
    private const ulong Invalidate = 2; // MS_INVALIDATE
    private const ulong Sync = 4; // MS_SYNC
    private readonly FileServices services;
    private readonly PagingGeometry geometry;

    /// <summary>With the machine's services.</summary>
    public Msync(FileServices services)
    {
        this.services = services;
        geometry = services.Memory.Geometry;
    }

    /// <summary>
    /// Writes shared pages of files to the disk (MS_SYNC). EINVAL: bad flags or address; ENOMEM: holes (the rest is
    /// done) or a range beyond the end; EBUSY: MS_INVALIDATE of locked memory.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        ulong flags = (uint)call.Request.A2;
        ulong start = call.Request.A0;
        ulong end = unchecked(start + ((call.Request.A1 + geometry.PageOffsetMask) & ~geometry.PageOffsetMask));
        Errno error = Check(start, end, flags);
        bool hasHole = false;
        while (error == Errno.None && start < end)
        {
            Vma? vma = call.Mm.Vmas.Tree.Find(start);
            hasHole |= vma is null || vma.Start > start;
            if (vma is null || vma.Start >= end || (hasHole && flags == Async))
                break;
            start = Math.Max(start, vma.Start);
            if ((flags & Invalidate) != 0 && (vma.Flags & VmFlags.Locked) != 0)
            {
                error = Errno.EBUSY;
                break;
            }

            ulong upTo = Math.Min(vma.End, end);
            bool writes = (flags & Sync) != 0 && (vma.Flags & VmFlags.Shared) != 0;
            if (writes && vma.Mapping is { Host: { } inode })
            {
                ulong first = vma.PageIndexOf(start);
                ulong behind = vma.PageIndexOf(upTo);
                DurabilityCheck? durability = services.Memory.Io!.Durability;
                var contents = durability?.Begin(inode, first, behind);
                OpenFile? file = vma.File;
                int? told = file?.ErrorsTold;
                for (var steps = services.Writeback.Run(call, inode, first, behind); steps.MoveNext();)
                    yield return steps.Current;
                error = file?.TakeWriteError() ?? Errno.None;
                if (error == Errno.None && file?.ErrorsTold == told)
                    durability?.Keep(inode, contents!);
            }

            start = upTo;
        }

        if (error == Errno.None && hasHole)
            error = Errno.ENOMEM;
        call.Result = error == Errno.None ? default : SyscallResult.Fail(error);
    }

    private Errno Check(ulong start, ulong end, ulong flags)
    {
        const ulong both = Async | Sync;
        if ((flags & ~(both | Invalidate)) != 0 || (start & geometry.PageOffsetMask) != 0 || (flags & both) == both)
            return Errno.EINVAL;
        return end < start ? Errno.ENOMEM : Errno.None;
    }
}
