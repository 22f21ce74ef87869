using LinuxMem.Abi;
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

    /// <summary>System call: number and arguments; else of no meaning.</summary>
    public SyscallRequest Request { get; set; }
}

/// <summary>A trap that is not over: its task sleeps for a lock in it, and goes on with it once it is woken.</summary>
/// <param name="Kind">Why the task entered the kernel.</param>
/// <param name="Address">Page fault: the address.</param>
/// <param name="Access">Page fault: the access.</param>
/// <param name="Request">System call: number and arguments.</param>
public sealed record UnfinishedTrap(TrapKind Kind, ulong Address, AccessKind Access, SyscallRequest Request);

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
