using LinuxMem.Abi;
using LinuxMem.Mm.Compaction;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm;

/// <content>Blocks of several frames: who takes them, and how free memory is brought together for them.</content>
public sealed partial class Kernel
{
    private readonly DriverBlocks driverBlocks;
    private (bool IsPanic, string Message)? stopping;

    /// <summary>The blocks of the disk in memory; null on a machine without one.</summary>
    public BufferCache.BufferCache? Buffers => filePages.Buffers;

    /// <summary>Brings free memory together.</summary>
    public Compactor Compactor { get; }

    /// <summary>Takes frames out of use whose pages can move.</summary>
    public Poison.SoftOffline SoftOffline { get; }

    /// <summary>Lets memory leave the machine, and come.</summary>
    public Hotplug.MemoryHotplug MemoryHotplug { get; }

    /// <summary>Whether a <see cref="MovePages"/> is called for.</summary>
    public bool WantsToMove =>
        Compactor.WantsStep || SoftOffline.WantsStep || MemoryHotplug.WantsStep || stopping is not null;

    /// <summary>
    /// Moves pages for who wants it. Precondition: every CPU has come exactly as far, and what was stored is in RAM.
    /// </summary>
    public void MovePages(long nowNs)
    {
        if (stopping is { } why)
        {
            Stop(why.IsPanic, why.Message, nowNs);
            return;
        }

        // What others may not have seen yet, they have seen now.
        foreach (Mm mm in Lifecycle.Live)
            mm.Context.History.Prune(nowNs);
        if (Compactor.WantsStep || !(SoftOffline.WantsStep || MemoryHotplug.WantsStep))
            Compactor.Step(nowNs);
        Memory.Faults?.Enter(FaultOperation.KernelStep, null, nowNs, Memory.Allocator.IsBelowLow);
        if (SoftOffline.WantsStep)
            SoftOffline.Step(nowNs);
        if (MemoryHotplug.WantsStep)
            MemoryHotplug.Step(nowNs);
    }

    /// <summary>When and for what the machine waits in vain; null while it does not.</summary>
    public PanicReason? Stall { get; private set; }

    /// <summary>
    /// The machine cannot go on: it stops at the next moment past which no CPU runs. The first reason stays.
    /// </summary>
    public void StopSoon(bool isPanic, string message) => stopping ??= (isPanic, message);

    private void Stop(bool isPanic, string message, long nowNs)
    {
        stopping = null;
        if (isPanic)
            Panic.Raise(nowNs, message, null);
        else
            Stall = new PanicReason(nowNs, message);
    }

    // A page of a process is lost to a memory error.
    private void TellOfLoss(Mm mm, ulong va, SignalCode code, TaskStruct? caller)
    {
        ThreadGroup? group = caller?.Mm == mm
            ? caller.Group : Tasks.Groups.FirstOrDefault(one => !one.IsDead && one.Tasks[0].Mm == mm);
        var info = new SignalInfo(Signal.SigBus, code, va);
        if (group is null)
            return;
        TaskStruct? told = caller?.Mm == mm
            ? caller : Poison.EarlyKill.ThreadOf(group, Memory.Settings.Vm.MemoryFailureEarlyKill);
        if (told is not null)
            Signals.SendTo(told, info, caller);
    }

    private (Compactor Compactor, Poison.SoftOffline Offline, Hotplug.MemoryHotplug Hotplug) MakeMovers(FilePages pages)
    {
        var migration = new PageMigration(Memory, Rmap, pages, Objects.ById);
        return (new Compactor(Memory, migration, WakeStalled),
            new Poison.SoftOffline(Memory, migration, pages, Objects.ById, Log, WakeStalled),
            new Hotplug.MemoryHotplug(Memory, migration, Log));
    }

    // What a program has a driver do.
    private TrapOutcome ServeDriver(Trap trap)
    {
        var call = new CallProgress(new SyscallContext(trap.Task, trap.Request, trap.At)) { Cost = cost };
        call.Steps = driverBlocks.Run(call);
        return Continue(trap, call);
    }

    // The task waits until compaction has done what it can for a block, it has reclaimed once for it itself, or
    // somebody was killed for it.
    private TrapOutcome WaitForBlock(Trap trap, CallProgress call)
    {
        if (call.WantsOomKill)
        {
            call.WantsOomKill = false;
            ReclaimDaemon.Demand(trap.Task);
            return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
        }

        if (call.ReclaimsForOrder)
            ReclaimDaemon.StallForBlock(trap.Task);
        else
            Compactor.Wait(trap.Task, call.WaitsForOrder!.Value);
        call.ReclaimsForOrder = false;
        call.WaitsForOrder = null;
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }
}
