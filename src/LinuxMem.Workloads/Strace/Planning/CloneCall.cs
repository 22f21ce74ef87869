using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>What a logged fork, vfork, clone or clone3 asks for.</summary>
internal static class CloneCall
{
    /// <summary>Whether the call makes a task.</summary>
    internal static bool IsOne(StraceEvent call) => (SyscallNr)call.Nr is SyscallNr.Clone or SyscallNr.Clone3
        or SyscallNr.Fork or SyscallNr.Vfork;

    /// <summary>The flags, without the exit signal; None where the log does not show them.</summary>
    internal static CloneFlags FlagsOf(StraceEvent call) => (SyscallNr)call.Nr switch
    {
        SyscallNr.Fork => CloneFlags.None,
        SyscallNr.Vfork => CloneFlags.Vm | CloneFlags.VFork,
        SyscallNr.Clone => Number(call.Argument("flags")),
        _ => Number(call[0].Member("flags")),
    };

    /// <summary>Whether the call changes the caller's namespaces, or those of its children.</summary>
    internal static bool MovesNamespaces(StraceEvent call) =>
        (SyscallNr)call.Nr is SyscallNr.Unshare or SyscallNr.Setns;

    /// <summary>Whether what is made by it, or after it, is in a pid namespace of its own.</summary>
    internal static bool MakesPidNamespace(StraceEvent call)
    {
        const ulong newPid = 0x2000_0000;
        return (SyscallNr)call.Nr switch
        {
            SyscallNr.Unshare => (call[0].Number & newPid) != 0,
            SyscallNr.Setns => call[1].Number == 0 || (call[1].Number & newPid) != 0,
            _ => ((ulong)FlagsOf(call) & newPid) != 0,
        };
    }

    /// <summary>What the child sends its parent at its end; None where nothing is.</summary>
    internal static Signal SignalOf(StraceEvent call)
    {
        if ((SyscallNr)call.Nr is SyscallNr.Fork or SyscallNr.Vfork)
            return Signal.SigChld;
        StraceValue? value = (SyscallNr)call.Nr == SyscallNr.Clone
            ? call.Argument("flags") : call[0].Member("exit_signal");
        if (value is null)
            return Signal.None;
        foreach (string name in value.ToString().Split('|'))
        {
            if (name.StartsWith("SIG", StringComparison.Ordinal) && Enum.TryParse(name, true, out Signal signal))
                return signal;
        }

        return value.IsNumber ? (Signal)(value.Number & 0xff) : Signal.None;
    }

    /// <summary>Whether the parent waits until the child gives the address space back.</summary>
    internal static bool IsVfork(StraceEvent call) => IsOne(call) && (FlagsOf(call) & CloneFlags.VFork) != 0;

    // "flags=CLONE_VM|...|SIGCHLD": names that are not in the tables spoil the number, not the others.
    private static CloneFlags Number(StraceValue? value)
    {
        if (value is null)
            return CloneFlags.None;
        if (value.IsNumber)
            return (CloneFlags)(value.Number & ~0xffUL);
        ulong flags = 0;
        foreach (string name in value.ToString().Split('|'))
        {
            if (Constants.TryFind(System.Text.Encoding.ASCII.GetBytes(name), out ulong flag))
                flags |= flag;
        }

        return (CloneFlags)(flags & ~0xffUL);
    }
}
