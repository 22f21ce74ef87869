using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Poison;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>
/// madvise(addr, length, MADV_HWPOISON or MADV_SOFT_OFFLINE): the frames behind the range have a memory error, or are
/// taken out of use before they have one.
/// </summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_inject_error, v6.18. Pages are faulted in first; who does it to its own page gets
/// SIGBUS (BUS_MCEERR_AR) at once if what was in it is lost.
/// </remarks>
public sealed class MadvisePoison
{
    private readonly FileServices services;
    private readonly MemoryFailure failure;
    private readonly SoftOffline offline;

    /// <summary>With the machine's services.</summary>
    public MadvisePoison(FileServices services, MemoryFailure failure, SoftOffline offline)
    {
        this.services = services;
        this.failure = failure;
        this.offline = offline;
    }

    /// <summary>
    /// EINVAL: bad arguments, or a kernel without CONFIG_MEMORY_FAILURE; EPERM: without CAP_SYS_ADMIN; EFAULT: an
    /// address that cannot be read; what <see cref="MemoryFailure.Fail"/> and <see cref="SoftOffline.Offline"/> say.
    /// </summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        KernelMemory memory = services.Memory;
        ulong mask = memory.Geometry.PageOffsetMask;
        ulong start = call.Request.A0, asked = call.Request.A1;
        ulong end = unchecked(start + ((asked + mask) & ~mask));
        if (!memory.Settings.Vm.MemoryFailure || (start & mask) != 0 || end < start || (asked > 0 && end == start))
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (!call.Task.Credentials.Has(Capabilities.SysAdmin))
        {
            call.Fail(Errno.EPERM);
            yield break;
        }

        bool isSoft = (Advice)(uint)call.Request.A2 == Advice.SoftOffline;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            for (var steps = services.Users.Reach(call, call.Mm, va, AccessKind.Read); steps.MoveNext();)
                yield return steps.Current;
            if (call.Reached.IsNone)
            {
                call.Fail(Errno.EFAULT);
                yield break;
            }

            Errno error;
            if (isSoft)
            {
                offline.Wait(call.Task, call.Reached);
                call.WaitsForOffline = true;
                yield return PageLookup.Wait;
                error = offline.AnswerFor(call.Task);
            }
            else
            {
                error = failure.Fail(call.Reached, call.At, call.Task);
            }

            if (error != Errno.None)
            {
                call.Fail(error);
                yield break;
            }
        }

        call.Return(0);
    }
}
