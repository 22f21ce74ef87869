using LinuxMem.Mm.Compaction;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm;

/// <content>Blocks of several frames: who takes them, and how free memory is brought together for them.</content>
public sealed partial class Kernel
{
    private readonly DriverBlocks driverBlocks;

    /// <summary>The blocks of the disk in memory; null on a machine without one.</summary>
    public BufferCache.BufferCache? Buffers => filePages.Buffers;

    /// <summary>Brings free memory together.</summary>
    public Compactor Compactor { get; }

    // What a program has a driver do.
    private TrapOutcome ServeDriver(Trap trap)
    {
        var call = new CallProgress(new SyscallContext(trap.Task, trap.Request, trap.At)) { Cost = cost };
        call.Steps = driverBlocks.Run(call);
        return Continue(trap, call);
    }

    // The task waits until compaction has done what it can for a block, or somebody was killed for it.
    private TrapOutcome WaitForBlock(Trap trap, CallProgress call)
    {
        if (call.WantsOomKill)
        {
            call.WantsOomKill = false;
            ReclaimDaemon.Demand(trap.Task);
            return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
        }

        Compactor.Wait(trap.Task, call.WaitsForOrder!.Value);
        call.WaitsForOrder = null;
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }
}
