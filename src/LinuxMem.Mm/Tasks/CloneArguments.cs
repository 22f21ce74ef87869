using LinuxMem.Abi;

namespace LinuxMem.Mm.Tasks;

/// <summary>What fork, vfork, clone and clone3 are told.</summary>
/// <remarks>Linux: include/linux/sched/task.h: struct kernel_clone_args, v6.18.</remarks>
/// <param name="Flags">What is shared, and more.</param>
/// <param name="Stack">The child's stack pointer; 0 for its parent's.</param>
/// <param name="ParentTid">Where the parent finds the child's tid.</param>
/// <param name="ChildTid">Where the child finds it, and who joins it 0.</param>
/// <param name="ExitSignal">What a new process sends its parent at its end; None for nothing.</param>
public readonly record struct CloneArguments(
    CloneFlags Flags, ulong Stack = 0, ulong ParentTid = 0, ulong ChildTid = 0, Signal ExitSignal = Signal.SigChld)
{
    private const ulong Fs = 0x200;
    private const ulong Pidfd = 0x1000;
    private const ulong NewNs = 0x2_0000;
    private const ulong SysvSem = 0x4_0000;
    private const ulong Detached = 0x40_0000;
    private const ulong NewCgroup = 0x200_0000;
    private const ulong NewUts = 0x400_0000;
    private const ulong NewIpc = 0x800_0000;
    private const ulong NewUser = 0x1000_0000;
    private const ulong NewPid = 0x2000_0000;
    private const ulong NewNet = 0x4000_0000;

    /// <summary>Whether the flags go together.</summary>
    /// <remarks>Linux: kernel/fork.c: copy_process; kernel/nsproxy.c: copy_namespaces, v6.18.</remarks>
    public bool AreValid => !HasBoth(NewNs, Fs) && !HasBoth(NewUser, Fs)
        && !HasFirstOnly((ulong)CloneFlags.Thread, (ulong)CloneFlags.SigHand)
        && !HasFirstOnly((ulong)CloneFlags.SigHand, (ulong)CloneFlags.Vm)
        && !HasBoth((ulong)CloneFlags.Thread, NewUser | NewPid) && !HasBoth(Pidfd, Detached)
        && !(WantsPidfd && (Flags & CloneFlags.ParentSetTid) != 0 && PidfdAt == ParentTid)
        && !HasBoth(NewIpc, SysvSem) && !HasBoth((ulong)CloneFlags.SigHand, (ulong)CloneFlags.ClearSigHand);

    /// <summary>Whether it asks for namespaces that only CAP_SYS_ADMIN may make.</summary>
    public bool NeedsAdmin => ((ulong)Flags & NewUser) == 0
        && ((ulong)Flags & (NewNs | NewCgroup | NewUts | NewIpc | NewPid | NewNet)) != 0;

    /// <summary>Whether the child is in a pid namespace of its own.</summary>
    public bool MakesPidNamespace => ((ulong)Flags & NewPid) != 0;

    /// <summary>Whether the parent is to get a descriptor of the child.</summary>
    public bool WantsPidfd => ((ulong)Flags & Pidfd) != 0;

    /// <summary>Where the parent finds its number: for clone, where else the child's tid would be.</summary>
    public ulong PidfdAt { get; init; }

    /// <summary>The arguments of a call; null if clone3 is told nonsense (EINVAL), or nothing (EFAULT).</summary>
    public static CloneArguments? Of(in SyscallRequest request)
    {
        switch (request.Nr)
        {
            case SyscallNr.Fork:
                return new CloneArguments(CloneFlags.None);
            case SyscallNr.Vfork:
                return new CloneArguments(CloneFlags.Vm | CloneFlags.VFork);
            case SyscallNr.Clone:
                return new CloneArguments(
                    (CloneFlags)request.A0, request.A1, request.A2, request.A3, (Signal)(request.A0 & 0xff))
                { PidfdAt = request.A2 };
            default:
                return Clone3(request.Operands?.Words);
        }
    }

    // flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup.
    private static CloneArguments? Clone3(IReadOnlyList<ulong>? words)
    {
        const ulong detached = 0x0040_0000, signal = 0xff, known = 0x3_ffff_ffff;
        const ulong threadOrParent = 0x0001_0000 | 0x8000;
        if (words is not { Count: >= 8 })
            return null;
        ulong flags = words[0], stack = words[5], stackBytes = words[6];
        bool silly = (flags & ~known) != 0 || (flags & (detached | (signal & ~0x80UL))) != 0 || words[4] > 64
            || ((flags & threadOrParent) != 0 && words[4] != 0) || stack == 0 != (stackBytes == 0);
        ulong top = stack == 0 ? 0 : stack + stackBytes;
        return silly ? null : new CloneArguments((CloneFlags)flags, top, words[3], words[2], (Signal)words[4])
        {
            PidfdAt = words[1],
        };
    }

    private bool HasBoth(ulong one, ulong other) => ((ulong)Flags & one) != 0 && ((ulong)Flags & other) != 0;

    private bool HasFirstOnly(ulong one, ulong other) => ((ulong)Flags & one) != 0 && ((ulong)Flags & other) == 0;
}
