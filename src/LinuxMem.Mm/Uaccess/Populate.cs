using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Faults the pages of a range in before a call returns: MAP_POPULATE, MAP_LOCKED, mlock.</summary>
/// <remarks>
/// Linux: mm/gup.c: __mm_populate, populate_vma_page_range, faultin_page, v6.18. Private pages that may be written are
/// written to, so that they are broken out of copy-on-write at once.
/// </remarks>
public sealed class Populate
{
    private readonly KernelMemory memory;
    private readonly UserPages users;

    /// <summary>Over one machine's memory.</summary>
    public Populate(KernelMemory memory, UserPages users)
    {
        this.memory = memory;
        this.users = users;
    }

    /// <summary>
    /// Goes over [start, end). Where a page cannot be had, it goes on with the next mapping
    /// (<paramref name="ignoresErrors"/>), or leaves the error as the call's result. A hole is ENOMEM there.
    /// </summary>
    public IEnumerator<PageLookup> Run(CallProgress call, PopulateRange range, bool ignoresErrors)
    {
        ulong at = range.Start;
        while (at < range.End)
        {
            Vma? vma = call.Mm.Vmas.Tree.FindIntersection(at, range.End);
            if (vma is null)
                break;
            at = Math.Max(at, vma.Start);
            ulong end = Math.Min(vma.End, range.End);
            const VmFlags left = VmFlags.Io | VmFlags.PfnMap | VmFlags.LockOnFault;
            if ((vma.Flags & left) == 0)
            {
                for (var pages = Fill(call, vma, at, end); pages.MoveNext();)
                    yield return pages.Current;
                if (call.Reached.IsNone && !ignoresErrors)
                {
                    call.Fail(call.LastFault.Signal == Signal.SigBus ? Errno.EFAULT : Errno.ENOMEM);
                    yield break;
                }
            }

            at = end;
        }
    }

    // Reached is none afterwards if a page could not be had.
    private IEnumerator<PageLookup> Fill(CallProgress call, Vma vma, ulong start, ulong end)
    {
        const VmFlags accessible = VmFlags.Read | VmFlags.Write | VmFlags.Exec;
        bool writes = (vma.Flags & (VmFlags.Write | VmFlags.Shared)) == VmFlags.Write;
        AccessKind kind = writes ? AccessKind.Write : AccessKind.Read;
        call.Reached = Pfn.None;
        if ((vma.Flags & accessible) == 0)
            yield break;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            if (users.TryReach(call.Mm, va, kind, call.At, out Pfn pfn))
            {
                call.Reached = pfn;
                continue;
            }

            for (var reach = users.Reach(call, call.Mm, va, kind, waitsForMemory: false); reach.MoveNext();)
                yield return reach.Current;
            if (call.Reached.IsNone)
                yield break;
        }
    }
}
