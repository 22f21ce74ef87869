using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Uaccess;

/// <summary>What a tracer outside the machine reads of a task's memory.</summary>
/// <remarks>
/// Linux: mm/process_vm_access.c: process_vm_rw_single_vec; mm/gup.c: check_vma_flags,
/// gup_must_unshare, v6.18. Faults count for the one
/// who reads, so not for the task; pages that may only be written cannot be read, though the processor could.
/// </remarks>
public static class TracerRead
{
    /// <summary>Faults in [argument 0, + argument 1) up to the first page that cannot be read.</summary>
    public static IEnumerator<PageLookup> Run(CallProgress call, UserPages users, ulong pageBytes)
    {
        call.IsTracers = true;
        ulong end = call.Request.A0 + call.Request.A1;
        for (ulong va = call.Request.A0; va < end; va = (va & ~(pageBytes - 1)) + pageBytes)
        {
            if (call.Mm.Vmas.Tree.FindContaining(va) is null || !UserPages.MayPin(call.Mm, va, AccessKind.Read))
                yield break;
            for (var reach = users.Reach(call, call.Mm, va, AccessKind.Read); reach.MoveNext();)
                yield return reach.Current;
            if (!call.Reached.IsNone)
                users.PinForRead(call, call.Mm, va);
            if (call.Reached.IsNone)
                yield break;
        }
    }
}
