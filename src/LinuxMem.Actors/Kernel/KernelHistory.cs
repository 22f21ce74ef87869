using LinuxMem.Mm;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <summary>A digest over what the kernel did, in the order in which it did it.</summary>
public sealed class KernelHistory
{
    private Digest digest;

    /// <summary>The digest of what was taken in so far.</summary>
    public ulong Value => digest.Value;

    /// <summary>Takes in an event.</summary>
    public void AddEvent(in TimedEvent due)
    {
        digest.Add(due.AtNs);
        digest.Add(((ulong)due.Kind << 32) | (uint)due.Argument);
    }

    /// <summary>Takes in a trap and what came of it.</summary>
    public void AddTrap(Trap trap, in TrapOutcome outcome)
    {
        digest.Add(trap.At.NowNs);
        digest.Add(((ulong)trap.Kind << 8) | (ulong)outcome.Action);
        digest.Add(((ulong)trap.At.Cpu << 32) | (uint)trap.Task.Tid);
        digest.Add(trap.Kind switch
        {
            TrapKind.Syscall => (ulong)trap.Request.Nr,
            TrapKind.PageFault => trap.Address,
            _ => 0,
        });
        digest.Add(outcome.CostNs);
        digest.Add(trap.Task.Result.Value);
    }
}
