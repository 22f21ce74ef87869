using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>unshare(flags).</summary>
/// <remarks>Linux: kernel/fork.c: ksys_unshare, check_unshare_flags, v6.18. Namespaces hold nothing of their own
/// but vm.memfd_noexec.</remarks>
public static class UnshareCall
{
    private const ulong Files = 0x400, Vm = 0x100, Thread = 0x1_0000, SigHand = 0x800, Fs = 0x200, SysvSem = 0x4_0000;
    private const ulong NewUser = 0x1000_0000;

    // Namespaces of mounts, names, System V objects, networks, pids, cgroups and clocks.
    private const ulong Namespaces = 0x2_0000 | 0x400_0000 | 0x800_0000 | 0x4000_0000 | 0x2000_0000 | 0x200_0000 | 0x80;

    /// <summary>
    /// Descriptors that are shared become the caller's own, and a new user namespace gives every capability. EINVAL:
    /// flags, or what threads share; EPERM: other namespaces, without CAP_SYS_ADMIN.
    /// </summary>
    public static SyscallResult Invoke(CallProgress call)
    {
        const ulong known = Namespaces | NewUser | Thread | Fs | SigHand | Vm | Files | SysvSem;
        const ulong ofOne = Thread | SigHand | Vm | NewUser;
        TaskStruct task = call.Task;
        ulong flags = call.Request.A0;
        if ((flags & ~known) != 0 || ((flags & ofOne) != 0 && task.Group.Tasks.Count > 1)
            || ((flags & Vm) != 0 && call.Mm.Users > 1))
            return SyscallResult.Fail(Errno.EINVAL);
        if ((flags & Namespaces) != 0 && (flags & NewUser) == 0 && !task.Credentials.Has(Capabilities.SysAdmin))
            return SyscallResult.Fail(Errno.EPERM);
        if ((flags & Files) != 0 && task.Files.Users > 1)
        {
            FdTable own = task.Files.Copy();
            task.Files.Release();
            task.Files = own;
        }

        const ulong newPid = 0x2000_0000;
        if ((flags & newPid) != 0)
            task.Group.ChildrenPidNamespace = new PidNamespace(task.Group.PidNamespace);
        if ((flags & NewUser) != 0)
            task.Credentials = task.Credentials with { Effective = Capabilities.All, Permitted = Capabilities.All };
        return default;
    }
}
