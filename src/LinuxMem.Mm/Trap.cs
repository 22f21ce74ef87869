using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm;

/// <summary>Why a task entered the kernel.</summary>
public enum TrapKind
{
    /// <summary>A page fault.</summary>
    PageFault,

    /// <summary>A system call.</summary>
    Syscall,

    /// <summary>Its time slice is over, or it was interrupted to notice something.</summary>
    SliceEnd,
}

/// <summary>A task's entry into the kernel.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Task">Whose.</param>
/// <param name="At">Where and when.</param>
/// <param name="Address">Page fault: the address.</param>
/// <param name="Access">Page fault: the access.</param>
/// <param name="NonCanonical">Page fault: whether the address is none at all.</param>
/// <param name="Request">System call: number and arguments.</param>
public readonly record struct Trap(
    TrapKind Kind, TaskStruct Task, TrapPoint At, ulong Address = 0, AccessKind Access = default,
        bool NonCanonical = false,
    SyscallRequest Request = default);

/// <summary>What a task does after a trap.</summary>
public enum TrapAction
{
    /// <summary>It goes on.</summary>
    Resume,

    /// <summary>It goes on after the others that wait for its CPU.</summary>
    Yield,

    /// <summary>It waits; at <see cref="TrapOutcome.WakeAtNs"/> it wakes, or when something wakes it.</summary>
    Block,

    /// <summary>It has ended.</summary>
    Exit,

    /// <summary>The service is not over: the page cache must answer <see cref="TrapOutcome.Lookup"/> first.</summary>
    NeedsPages,
}

/// <summary>What came of a trap.</summary>
/// <param name="Action">What the task does.</param>
/// <param name="CostNs">What the service took, entry and exit included.</param>
/// <param name="WakeAtNs">With Block: when it wakes by itself; -1 if it does not.</param>
/// <param name="Lookup">With NeedsPages: what to look up.</param>
public readonly record struct TrapOutcome(TrapAction Action, long CostNs = 0, long WakeAtNs = -1,
    PageLookup Lookup = default);
