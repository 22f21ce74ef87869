using LinuxMem.Abi;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>membarrier(command, flags, cpu).</summary>
/// <remarks>
/// Linux: kernel/sched/membarrier.c: membarrier, v6.18. Stores are seen in the order of virtual time on every CPU, so
/// that no barrier has anything to do: what is left is who may ask for which.
/// </remarks>
public static class Membarrier
{
    private const uint Global = 1, GlobalExpedited = 2, Private = 8, PrivateSyncCore = 0x20, PrivateRseq = 0x80;
    private const uint Registrations = 0x200;
    private const uint Register = 4 | 0x10 | 0x40 | 0x100;
    private const uint OnCpu = 1;

    /// <summary>EINVAL: unknown command, or flags; EPERM: the address space has not registered for it.</summary>
    public static SyscallResult Invoke(CallProgress call)
    {
        const uint all = Global | GlobalExpedited | Private | PrivateSyncCore | PrivateRseq | Registrations | Register;
        uint command = (uint)call.Request.A0, flags = (uint)call.Request.A1;
        bool mayName = command == PrivateRseq && flags == OnCpu;
        if (flags != 0 && !mayName)
            return SyscallResult.Fail(Errno.EINVAL);
        switch (command)
        {
            case 0:
                return new SyscallResult(all);
            case Global or GlobalExpedited:
                return default;
            case 4 or 0x10 or 0x40 or 0x100:
                call.Mm.Barriers |= command;
                return default;
            case Private or PrivateSyncCore or PrivateRseq:
                return (call.Mm.Barriers & (command << 1)) != 0 ? default : SyscallResult.Fail(Errno.EPERM);
            case Registrations:
                // Who may have a private barrier of a special kind may have the plain one.
                const uint special = (PrivateSyncCore | PrivateRseq) << 1;
                bool isPrivate = (call.Mm.Barriers & special) != 0;
                return new SyscallResult(call.Mm.Barriers | (isPrivate ? Private << 1 : 0));
            default:
                return SyscallResult.Fail(Errno.EINVAL);
        }
    }
}
