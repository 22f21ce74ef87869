using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>What a thread tells the kernel of itself: set_tid_address, robust list, rseq, arch_prctl, prctl.</summary>
/// <remarks>
/// Linux: kernel/fork.c, kernel/futex/syscalls.c, kernel/rseq.c, arch/x86/kernel/process_64.c, kernel/sys.c, v6.18.
/// </remarks>
public sealed class TaskCalls
{
    /// <summary>PR_SET_MDWE.</summary>
    public const ulong SetMdweOption = 65;

    /// <summary>PR_GET_MDWE.</summary>
    public const ulong GetMdweOption = 66;

    /// <summary>PR_SET_VMA: EINVAL, as on a kernel that gives anonymous memory no names.</summary>
    public const ulong SetVmaOption = 0x5356_4d41;

    private const ulong SetThpDisableOption = 41;
    private const ulong GetThpDisableOption = 42;
    private const ulong RobustHeadBytes = 24;
    private const ulong GetKeepCapsOption = 7;
    private const ulong SetKeepCapsOption = 8;
    private const uint RseqBytesMin = 32;
    private readonly UserStructs structs;

    /// <summary>With what reads and writes structures.</summary>
    public TaskCalls(UserStructs structs) => this.structs = structs;

    /// <summary>set_tid_address(tidptr): always the tid.</summary>
    public static SyscallResult SetTidAddress(CallProgress call)
    {
        call.Task.ClearChildTid = call.Request.A0;
        return new SyscallResult(call.Task.Number);
    }

    /// <summary>set_robust_list(head, length): EINVAL for any other length than that of the structure.</summary>
    public static SyscallResult SetRobustList(CallProgress call)
    {
        if (call.Request.A1 != RobustHeadBytes)
            return SyscallResult.Fail(Errno.EINVAL);
        call.Task.RobustList = call.Request.A0;
        return default;
    }

    /// <summary>
    /// get_robust_list(tid, head, length): another's list, or with tid 0 one's own. ESRCH; EPERM; EFAULT.
    /// </summary>
    /// <remarks>Linux: kernel/futex/syscalls.c: get_robust_list, v6.18.</remarks>
    public IEnumerator<PageLookup> GetRobustList(CallProgress call, TaskTable table)
    {
        TaskStruct? task = call.Request.A0 == 0 ? call.Task : table.Find((int)call.Request.A0);
        Errno error = ProcessVm.CheckAccess(call.Task, task);
        if (error != Errno.None)
        {
            call.Fail(error);
            yield break;
        }

        for (var write = structs.Finish(call, call.Request.A2, UserStructs.Bytes(RobustHeadBytes)); write.MoveNext();)
            yield return write.Current;
        if (call.Result.IsError)
            yield break;
        for (var write = structs.Finish(call, call.Request.A1, UserStructs.Bytes(task!.RobustList)); write.MoveNext();)
            yield return write.Current;
    }

    /// <summary>rt_sigpending(set, size): what is pending and blocked. EINVAL: too large a set; EFAULT.</summary>
    /// <remarks>Linux: kernel/signal.c: do_sigpending, v6.18.</remarks>
    public IEnumerator<PageLookup> SigPending(CallProgress call)
    {
        const ulong setBytes = 8;
        if (call.Request.A1 > setBytes)
            return FileServices.Fail(call, Errno.EINVAL);
        ulong pending = call.Task.Signals.Pending.Bits & call.Task.Signals.Blocked.Bits;
        return structs.Finish(call, call.Request.A0, UserStructs.Bytes(pending)[..(int)call.Request.A1]);
    }

    /// <summary>personality(persona): the one before; 0xffffffff only asks.</summary>
    public static SyscallResult Personality(CallProgress call)
    {
        uint before = call.Task.Personality;
        if ((uint)call.Request.A0 != uint.MaxValue)
            call.Task.Personality = (uint)call.Request.A0;
        return new SyscallResult(before);
    }

    /// <summary>
    /// prctl, as far as memory management goes: PR_SET_MDWE and PR_GET_MDWE; and PR_SET_KEEPCAPS, PR_GET_KEEPCAPS.
    /// </summary>
    public static SyscallResult Prctl(CallProgress call)
    {
        SyscallRequest r = call.Request;
        if (r.A0 == GetKeepCapsOption)
            return new SyscallResult(call.Task.KeepsCapabilities ? 1 : 0);
        if (r.A0 == SetKeepCapsOption)
        {
            if (r.A1 > 1)
                return SyscallResult.Fail(Errno.EINVAL);
            call.Task.KeepsCapabilities = r.A1 == 1;
            return default;
        }

        if (r.A0 == SetVmaOption)
            return SyscallResult.Fail(Errno.EINVAL);
        if (r.A0 is SetThpDisableOption or GetThpDisableOption)
            return ThpDisable(call);
        if (r.A0 == SetMdweOption)
            return SetMdwe(call);
        if ((r.A1 | r.A2 | r.A3 | r.A4) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        return new SyscallResult((call.Mm.DeniesWriteExec ? 1 : 0) | (call.Mm.DeniesWriteExecAlone ? 2 : 0));
    }

    /// <summary>Whether prctl knows an option here.</summary>
    public static bool IsKnownOption(ulong option) =>
        option is SetMdweOption or GetMdweOption or GetKeepCapsOption or SetKeepCapsOption or SetVmaOption
            or SetThpDisableOption or GetThpDisableOption;

    // Linux: kernel/sys.c: prctl_set_thp_disable, prctl_get_thp_disable, v6.18.
    private static SyscallResult ThpDisable(CallProgress call)
    {
        const ulong exceptAdvised = 2;
        SyscallRequest r = call.Request;
        bool sets = r.A0 == SetThpDisableOption;
        bool wrong = (r.A3 | r.A4) != 0 || (sets ? (r.A2 & ~exceptAdvised) != 0 || (r.A1 == 0 && r.A2 != 0)
            : (r.A1 | r.A2) != 0);
        if (wrong)
            return SyscallResult.Fail(Errno.EINVAL);
        if (!sets)
            return new SyscallResult(call.Mm.ThpDisabled);
        call.Mm.ThpDisabled = r.A1 == 0 ? 0 : 1 | (int)r.A2;
        return default;
    }

    private static SyscallResult SetMdwe(CallProgress call)
    {
        const ulong refuse = 1, noInherit = 2;
        SyscallRequest r = call.Request;
        Mm mm = call.Mm;
        if ((r.A2 | r.A3 | r.A4) != 0 || (r.A1 & ~(refuse | noInherit)) != 0 || r.A1 == noInherit)
            return SyscallResult.Fail(Errno.EINVAL);
        ulong now = (mm.DeniesWriteExec ? refuse : 0) | (mm.DeniesWriteExecAlone ? noInherit : 0);
        if (now != 0 && now != r.A1)
            return SyscallResult.Fail(Errno.EPERM);
        mm.DeniesWriteExec = (r.A1 & refuse) != 0;
        mm.DeniesWriteExecAlone = (r.A1 & noInherit) != 0;
        return default;
    }

    /// <summary>
    /// rseq(area, length, flags, signature). EINVAL: bad arguments, or another area than the registered one; EPERM: a
    /// wrong signature; EBUSY: registered already; EFAULT. The kernel writes the area from now on.
    /// </summary>
    public IEnumerator<PageLookup> Rseq(CallProgress call)
    {
        const uint unregister = 1;
        uint length = (uint)call.Request.A1, flags = (uint)call.Request.A2, signature = (uint)call.Request.A3;
        Tasks.TaskStruct task = call.Task;
        Errno error = Errno.None;
        if ((flags & unregister) != 0)
        {
            bool wrong = (flags & ~unregister) != 0 || task.RseqArea != call.Request.A0 || task.RseqArea == 0
                || length != task.RseqBytes;
            error = wrong ? Errno.EINVAL : signature != task.RseqSignature ? Errno.EPERM : Errno.None;
            if (error == Errno.None)
                task.RseqArea = 0;
        }
        else if (flags != 0)
        {
            error = Errno.EINVAL;
        }
        else if (task.RseqArea != 0)
        {
            bool wrong = task.RseqArea != call.Request.A0 || length != task.RseqBytes;
            error = wrong ? Errno.EINVAL : signature != task.RseqSignature ? Errno.EPERM : Errno.EBUSY;
        }
        else if (length < RseqBytesMin || (call.Request.A0 & (RseqBytesMin - 1)) != 0)
        {
            error = Errno.EINVAL;
        }
        else
        {
            task.RseqArea = call.Request.A0;
            task.RseqBytes = length;
            task.RseqSignature = signature;
        }

        call.Result = error == Errno.None ? default : SyscallResult.Fail(error);
        if (error != Errno.None || task.RseqArea == 0)
            yield break;
        for (var write = structs.Write(call, task.RseqArea, new byte[RseqBytesMin]); write.MoveNext();)
            yield return write.Current;
    }

    /// <summary>
    /// arch_prctl(code, addr): ARCH_SET_FS and ARCH_SET_GS are kept for nobody; ARCH_GET_FS and ARCH_GET_GS write 0.
    /// EINVAL: any other; EPERM: an address that is not the user's.
    /// </summary>
    public IEnumerator<PageLookup> ArchPrctl(CallProgress call)
    {
        const ulong setGs = 0x1001, setFs = 0x1002, getFs = 0x1003, getGs = 0x1004;
        switch (call.Request.A0)
        {
            case setGs or setFs:
                bool user = call.Request.A1 < call.Mm.Vmas.Tree.TaskSize;
                return FileServices.Done(call, user ? default : SyscallResult.Fail(Errno.EPERM));
            case getFs or getGs:
                return structs.Finish(call, call.Request.A1, new byte[8]);
            default:
                return FileServices.Fail(call, Errno.EINVAL);
        }
    }
}
