using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm;

/// <summary>Why a task entered the kernel.</summary>
public enum TrapKind : byte
{
    /// <summary>A page fault.</summary>
    PageFault,

    /// <summary>A system call.</summary>
    Syscall,

    /// <summary>Its time slice is over, or it was interrupted to notice something.</summary>
    SliceEnd,
}

/// <summary>A task's entry into the kernel. A kernel serves one at a time, so one object serves a run.</summary>
public sealed class Trap
{
    /// <summary>An empty one, to be set.</summary>
    public Trap()
    {
    }

    /// <summary>A trap.</summary>
    public Trap(
        TrapKind kind, TaskStruct task, TrapPoint at, ulong address = 0, AccessKind access = default,
        bool nonCanonical = false, SyscallRequest request = default)
    {
        Kind = kind;
        Task = task;
        At = at;
        Address = address;
        Access = access;
        NonCanonical = nonCanonical;
        Request = request;
    }

    /// <summary>Why.</summary>
    public TrapKind Kind { get; set; }

    /// <summary>Whose.</summary>
    public TaskStruct Task { get; set; } = null!;

    /// <summary>Where and when.</summary>
    public TrapPoint At { get; set; }

    /// <summary>Page fault: the address.</summary>
    public ulong Address { get; set; }

    /// <summary>Page fault: the access.</summary>
    public AccessKind Access { get; set; }

    /// <summary>Page fault: whether the address is none at all.</summary>
    public bool NonCanonical { get; set; }

    /// <summary>Page fault: whether an entry forbade the access.</summary>
    public bool IsPresent { get; set; }

    /// <summary>System call: number and arguments; else of no meaning.</summary>
    public SyscallRequest Request { get; set; }

    /// <summary>Whether the task is in the kernel already: it slept in the trap, and goes on with it.</summary>
    public bool GoesOn { get; set; }

    /// <summary>Page fault that goes on: the page that it waited for; else none.</summary>
    public Pfn InHand { get; set; }
}

/// <summary>A trap that is not over: its task sleeps in it, and goes on with it in the kernel when it wakes.</summary>
/// <param name="Kind">Why the task entered the kernel.</param>
/// <param name="Address">Page fault: the address.</param>
/// <param name="Access">Page fault: the access.</param>
/// <param name="IsPresent">Page fault: whether an entry forbade the access.</param>
/// <param name="Request">System call: number and arguments.</param>
/// <param name="Page">Page fault: the page whose I/O is waited for; none if something else is.</param>
/// <param name="YieldsToSignals">
/// Whether a signal that was sent meanwhile is handled first, and the access made again after that (Linux:
/// include/linux/sched/signal.h: fault_signal_pending, v6.18).
/// </param>
public readonly record struct UnfinishedTrap(TrapKind Kind, ulong Address, AccessKind Access, bool IsPresent,
    SyscallRequest Request, Pfn Page = default, bool YieldsToSignals = false)
{
    /// <summary>Of a trap that sleeps.</summary>
    public static UnfinishedTrap Of(Trap trap, Pfn page = default, bool yieldsToSignals = false) =>
        new(trap.Kind, trap.Address, trap.Access, trap.IsPresent, trap.Request, page, yieldsToSignals);
}

/// <summary>What a task does after a trap.</summary>
public enum TrapAction : byte
{
    /// <summary>It goes on.</summary>
    Resume,

    /// <summary>It goes on after the others that wait for its CPU.</summary>
    Yield,

    /// <summary>It waits; at <see cref="TrapOutcome.WakeAtNs"/> it wakes, or when something wakes it.</summary>
    Block,

    /// <summary>It has ended.</summary>
    Exit,

    /// <summary>The service is not over: the page cache must answer <see cref="Kernel.Lookup"/> first.</summary>
    NeedsPages,
}

/// <summary>What came of a trap.</summary>
/// <param name="Action">What the task does.</param>
/// <param name="CostNs">What the service took, entry and exit included.</param>
/// <param name="WakeAtNs">With Block: when it wakes by itself; -1 if it does not.</param>
public readonly record struct TrapOutcome(TrapAction Action, long CostNs = 0, long WakeAtNs = -1);
