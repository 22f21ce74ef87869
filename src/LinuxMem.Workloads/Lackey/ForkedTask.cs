using LinuxMem.Abi;

namespace LinuxMem.Workloads.Lackey;

/// <summary>What a logged fork, vfork or clone makes.</summary>
internal static class ForkedTask
{
    private const ulong ParentSetTid = 0x00100000;
    private const ulong ChildSetTid = 0x01000000;

    // Linux: include/linux/threads.h: PID_MAX_LIMIT, v6.18.
    private const int PidMax = 1 << 22;

    /// <summary>The kinds of new task.</summary>
    internal enum Kind
    {
        /// <summary>A process with a copy of the address space.</summary>
        Fork,

        /// <summary>
        /// A process that borrows the address space. Valgrind runs it as a fork, but the program meant this.
        /// </summary>
        Vfork,

        /// <summary>A thread: its accesses are in the log of its creator.</summary>
        Thread,
    }

    /// <summary>Tells the kind from number and flags.</summary>
    internal static Kind KindOf(LackeyCall call)
    {
        if (call.Nr != (int)SyscallNr.Clone)
            return call.Nr == (int)SyscallNr.Vfork ? Kind.Vfork : Kind.Fork;
        var flags = (CloneFlags)call.Arg(0);
        if ((flags & CloneFlags.Vm) == 0)
            return Kind.Fork;
        return (flags & CloneFlags.VFork) != 0 ? Kind.Vfork : Kind.Thread;
    }

    /// <summary>
    /// The new task's pid: the result, or what valgrind says if the result is missing; 0 if none was made.
    /// </summary>
    internal static int PidOf(LackeyCall call)
    {
        ulong pid = call.Outcome switch
        {
            LackeyOutcome.Success => call.Result,
            LackeyOutcome.Unknown => (ulong)call.CreatedPid,
            _ => 0,
        };
        return pid <= PidMax ? (int)pid : 0;
    }

    /// <summary>The thread ids that the kernel stores in the creator's memory.</summary>
    internal static void CollectTids(LackeyCall call, Kind kind, List<UserRange> ranges)
    {
        if (call.Nr != (int)SyscallNr.Clone || !call.Succeeded)
            return;
        if ((call.Arg(0) & ParentSetTid) != 0)
            Add(ranges, call.Arg(2));
        if (kind == Kind.Thread && (call.Arg(0) & ChildSetTid) != 0)
            Add(ranges, call.Arg(3));
    }

    /// <summary>
    /// The thread id that the kernel stores in the child's memory: after a fork, its first copy-on-write fault.
    /// </summary>
    internal static void CollectChildTid(LackeyCall call, List<UserRange> ranges)
    {
        if (call.Nr == (int)SyscallNr.Clone && (call.Arg(0) & ChildSetTid) != 0)
            Add(ranges, call.Arg(3));
    }

    private static void Add(List<UserRange> ranges, ulong address)
    {
        var range = new UserRange(AccessKind.Write, address, 4);
        if (range.IsPlausible)
            ranges.Add(range);
    }
}
