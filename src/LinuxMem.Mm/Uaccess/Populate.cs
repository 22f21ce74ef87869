using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Uaccess;

/// <summary>Faults the pages of a range in before a call returns: MAP_POPULATE, locked memory, MADV_POPULATE.</summary>
/// <remarks>
/// Linux: mm/gup.c: __mm_populate, populate_vma_page_range, faultin_page_range, check_vma_flags; mm/mlock.c:
/// __mlock_posix_error_return, v6.18. Private pages that may be written are written to, so that they are broken out of
/// copy-on-write at once.
/// </remarks>
public sealed class Populate
{
    private const VmFlags Unpopulated = VmFlags.Io | VmFlags.PfnMap;
    private readonly KernelMemory memory;
    private readonly UserPages users;

    /// <summary>Over one machine's memory.</summary>
    public Populate(KernelMemory memory, UserPages users)
    {
        this.memory = memory;
        this.users = users;
    }

    /// <summary>Goes over a range. An error, where its kind has any, becomes the result of the call.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, PopulateRange range)
    {
        if (range.Parts is not null)
            return RunParts(call, range.Parts);
        return range.Kind is PopulateKind.AdviseRead or PopulateKind.AdviseWrite
            ? Advise(call, range) : Map(call, range);
    }

    private IEnumerator<PageLookup> RunParts(CallProgress call, IReadOnlyList<PopulateRange> parts)
    {
        foreach (PopulateRange part in parts)
        {
            for (var steps = Map(call, part); steps.MoveNext();)
                yield return steps.Current;
        }
    }

    private IEnumerator<PageLookup> Map(CallProgress call, PopulateRange range)
    {
        // A fault that reads a file gives up mmap_lock; populate_vma_page_range begins anew, without FAULT_FLAG_TRIED,
        // and finds the page: what is counted is the second fault, a minor one.
        call.RetriesCountMinor = true;
        ulong at = range.Start;
        while (at < range.End)
        {
            Vma? vma = call.Mm.Vmas.Tree.FindIntersection(at, range.End);
            if (vma is null)
                yield break;
            at = Math.Max(at, vma.Start);
            ulong end = Math.Min(vma.End, range.End);
            if ((vma.Flags & (Unpopulated | VmFlags.LockOnFault)) != 0)
            {
                at = end;
                continue;
            }

            bool writes = (vma.Flags & (VmFlags.Write | VmFlags.Shared)) == VmFlags.Write;
            bool isHidden = (vma.Flags & VmFlags.AccessMask) == 0 || vma.Mapping is { Host.IsSecret: true };
            Errno error = isHidden ? Errno.ENOMEM : Errno.None;
            if (error == Errno.None)
            {
                for (var pages = Fill(call, at, end, writes); pages.MoveNext();)
                    yield return pages.Current;
                if (call.Reached.IsNone)
                    error = call.LastFault.Kind == FaultKind.OutOfMemory ? Errno.EAGAIN : Errno.ENOMEM;
            }

            if (error != Errno.None && range.Kind == PopulateKind.Mlock)
            {
                call.Fail(error);
                yield break;
            }

            at = end;
        }
    }

    private IEnumerator<PageLookup> Advise(CallProgress call, PopulateRange range)
    {
        bool writes = range.Kind == PopulateKind.AdviseWrite;
        VmFlags needed = writes ? VmFlags.Write : VmFlags.Read;
        ulong at = range.Start;
        while (at < range.End)
        {
            Vma? vma = call.Mm.Vmas.Tree.FindContaining(at);
            if (vma is null || (vma.Flags & needed) == 0 || (vma.Flags & Unpopulated) != 0)
            {
                call.Fail(vma is null ? Errno.ENOMEM : Errno.EINVAL);
                yield break;
            }

            if (vma.Mapping is { Host.IsSecret: true })
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            ulong end = Math.Min(vma.End, range.End);
            for (var pages = Fill(call, at, end, writes); pages.MoveNext();)
                yield return pages.Current;
            if (call.Reached.IsNone)
            {
                call.Fail(call.LastFault.Kind == FaultKind.OutOfMemory ? Errno.ENOMEM : Errno.EFAULT);
                yield break;
            }

            at = end;
        }
    }

    // Reached is none afterwards if a page could not be had.
    private IEnumerator<PageLookup> Fill(CallProgress call, ulong start, ulong end, bool writes)
    {
        AccessKind kind = writes ? AccessKind.Write : AccessKind.Read;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            if (users.TryReach(call.Mm, va, kind, call.At, out Pfn pfn))
            {
                call.Reached = pfn;
                continue;
            }

            for (var reach = users.Reach(call, call.Mm, va, kind); reach.MoveNext();)
                yield return reach.Current;
            if (call.Reached.IsNone)
                yield break;
        }
    }
}
