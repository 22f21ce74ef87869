using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mseal(addr, length, flags): what is sealed stays as it is mapped.</summary>
/// <remarks>Linux: mm/mseal.c: do_mseal, mseal_apply, v6.18.</remarks>
public sealed class Mseal
{
    private readonly PagingGeometry geometry;

    /// <summary>Over one machine's memory.</summary>
    public Mseal(PagingGeometry geometry) => this.geometry = geometry;

    /// <summary>
    /// Seals every mapping of the range. EINVAL: flags, an address that is no page's, a length beyond the end; ENOMEM:
    /// a hole, with nothing sealed, or too many mappings.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, ref WorkCost cost)
    {
        ulong start = call.Request.A0;
        ulong length = unchecked(call.Request.A1 + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        ulong end = unchecked(start + length);
        bool silly = call.Request.A2 != 0 || (start & geometry.PageOffsetMask) != 0
            || (call.Request.A1 != 0 && length == 0) || end < start;
        if (silly)
            return SyscallResult.Fail(Errno.EINVAL);
        if (end == start)
            return default;
        VmaTree tree = call.Mm.Vmas.Tree;
        for (ulong at = start; at < end;)
        {
            Vma? vma = tree.FindContaining(at);
            if (vma is null)
                return SyscallResult.Fail(Errno.ENOMEM);
            at = vma.End;
        }

        for (ulong at = start; at < end;)
        {
            Vma vma = tree.FindContaining(at)!;
            ulong upTo = Math.Min(vma.End, end);
            call.Mm.HasSealed = true;
            Errno error = call.Mm.Vmas.ModifyFlags(vma, at, upTo, vma.Flags | VmFlags.Sealed, out _);
            if (error != Errno.None)
                return SyscallResult.Fail(error);
            cost.Vmas++;
            at = upTo;
        }

        return default;
    }
}
