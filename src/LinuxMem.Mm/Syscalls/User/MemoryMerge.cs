using LinuxMem.Abi;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>prctl(PR_SET_MEMORY_MERGE) and its kin: all memory of a process is offered to be merged.</summary>
/// <remarks>Linux: kernel/sys.c; mm/ksm.c: ksm_enable_merge_any, ksm_disable_merge_any, v6.18.</remarks>
internal sealed class MemoryMerge(Madvise madvise)
{
    private const ulong SetOption = 67, GetOption = 68;

    /// <summary>Whether prctl is called with one of these.</summary>
    internal static bool Takes(ulong option) => option is SetOption or GetOption;

    /// <summary>EINVAL: arguments that are none; ENOMEM, EAGAIN: memory is out.</summary>
    internal SyscallResult Invoke(CallProgress call)
    {
        SyscallRequest r = call.Request;
        bool sets = r.A0 == SetOption;
        if ((r.A2 | r.A3 | r.A4) != 0 || (!sets && r.A1 != 0))
            return SyscallResult.Fail(Errno.EINVAL);
        Mm mm = call.Mm;
        if (!sets)
            return new SyscallResult(mm.MergesAll ? 1 : 0);
        bool wanted = r.A1 != 0;
        if (mm.MergesAll == wanted)
            return default;
        Errno error = Walk(call, wanted ? Advice.Mergeable : Advice.Unmergeable);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        mm.MergesAll = wanted;
        return default;
    }

    private Errno Walk(CallProgress call, Advice advice)
    {
        Mm mm = call.Mm;
        ulong at = 0;
        while (mm.Vmas.Tree.Find(at) is { } vma)
        {
            (ulong start, ulong end) = (Math.Max(at, vma.Start), vma.End);
            at = end;
            if (!Madvise.MergesEqualPages(vma.Flags))
                continue;
            Errno error = madvise.Walk(mm, start, end, advice, call.At, ref call.Cost);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }
}
