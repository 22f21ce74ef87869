using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Ksm;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Poison;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Syscalls.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm;

/// <content>Memory that is short: who waits for it, how it is got back, who dies for it.</content>
public sealed partial class Kernel
{
    /// <summary>For how long tasks wait for memory, disks and CPUs.</summary>
    public PressureStall Pressure { get; }

    /// <summary>From frames to who maps them.</summary>
    public RmapWalk Rmap { get; }

    /// <summary>Merges equal pages; whoever runs the kernel has it take its steps.</summary>
    public KsmDaemon Ksm { get; }

    /// <summary>Has somebody hear of what happens; set once, after boot.</summary>
    public void TraceBy(Tracer trace)
    {
        Memory.Trace = Memory.Locks.Trace = Tasks.Trace = Signals.Trace = trace;
        if (Memory.Faults is { } faults)
            faults.Trace = trace;
    }

    /// <summary>What is done while memory is short.</summary>
    public ReclaimDaemon ReclaimDaemon { get; }

    /// <summary>Kills when memory is out.</summary>
    public OomKill Oom => oom;

    /// <summary>Handles memory errors.</summary>
    public MemoryFailure MemoryFailure { get; }

    /// <summary>What the kernel has printed.</summary>
    public KernelLog Log { get; } = new();

    /// <summary>Whether it has stopped for good; whoever runs it looks after each step.</summary>
    public KernelPanic Panic { get; }

    /// <summary>Whether a <see cref="Step"/> is called for.</summary>
    public bool WantsStep => ReclaimDaemon.WantsStep || oom.Reaper.HasVictims;

    /// <summary>A step that is called for can wait until then, nanoseconds; 0 if it cannot.</summary>
    public long RestsUntilNs => oom.Reaper.HasVictims ? 0 : ReclaimDaemon.RestsUntilNs;

    /// <summary>
    /// Does what the kernel does at one of its steps, at which every CPU has come exactly as far. Yields where the
    /// owner
    /// of swap has to answer <see cref="SwapOperations.Exchange"/> before it can go on.
    /// </summary>
    public IEnumerator<SwapOperations> Step(long nowNs)
    {
        references.NowNs = nowNs;
        Memory.Faults?.Enter(FaultOperation.KernelStep, null, nowNs, Memory.Allocator.IsBelowLow);
        processWalk.NowNs = nowNs;
        oom.Reaper.Reap(nowNs);
        return ReclaimDaemon.Step(nowNs);
    }

    /// <summary>Goes on with pages that nothing keeps in memory any more, after frames or disks have let go.</summary>
    public void SettleReclaim()
    {
        if (Memory.Settled.Count > 0)
            reclaimer.Settle();
    }

    private Lruvec MakeLru(MachineSettings settings, ulong seed)
    {
        ReplacementNames.Check(settings.Replacement);
        long high = 0;
        foreach (PageAlloc.Zone zone in Memory.Allocator.Zones)
            high += zone.Watermarks.HighPages;
        var context = new PolicyContext(Memory.Map, references, Memory.Stat, settings.Vm, Memory.Geometry.PageShift,
            high, RandomStream.Derive(seed, "replacement", 0))
        {
            Processes = processWalk,
            KeepsSharedAnon = settings.Kernel == KernelEra.Classic,
        };
        if (Memory.Groups is not { } groups)
            return new Lruvec(Memory.Map, Policies.Make(settings.Replacement, context), Memory.Stat);
        // A hand that goes round all frames knows no groups: each has the form of it that keeps its own pages in a row.
        return new Lruvec(Memory.Map, groups, [.. groups.All.Select(group => Policies.Make(settings.Replacement,
            context with
            {
                Processes = null,
                Group = group,
                Seed = RandomStream.Derive(seed, "replacement", (ulong)group.Id),
            }))],
            Memory.Stat);
    }

    private (BufferCache.MetadataBlocks? Metadata, BufferCache.BufferedWriter? Writer) MakeBuffers(DiskLayout? disk)
    {
        if (disk is null)
            return default;
        var buffers = new BufferCache.BufferCache(Memory, filePages, Objects, disk);
        var metadata = new BufferCache.MetadataBlocks(buffers, disk, filePages);
        filePages.Buffers = buffers;
        filePages.Metadata = metadata;
        return (metadata, buffers.HoldsData
            ? new BufferCache.BufferedWriter(Memory, filePages, buffers, metadata, disk, Flusher) : null);
    }

    private SwapCalls MakeSwapCalls(FileServices services, AnonVmas anonVmas) => new(services, Overcommit,
        new SwapUnuse(Memory, mapper, anonVmas, Lifecycle, Objects, filePages));

    // The task reclaims some memory itself, and tries again when there is some.
    private TrapOutcome OutOfMemory(Trap trap)
    {
        ReclaimDaemon.Stall(trap.Task);
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }

    // The task reclaims once for what it wants to read along.
    private TrapOutcome StallForRoom(Trap trap, int pages)
    {
        trap.Task.HasWaitedForRoom = true;
        ReclaimDaemon.StallForRoom(trap.Task, Memory.ReadRoom.Lacking, pages);
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }

    // The same of a call that has failed for want of a frame, with nothing done: it is made again. What it had got it
    // has given back, and will need again: with less there would be no end to that.
    private TrapOutcome StallCall(Trap trap, long had)
    {
        trap.Task.Result = default;
        trap.Task.CallToRepeat = trap.Request;
        ReclaimDaemon.Stall(trap.Task, had + 1);
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }

    private void WakeStalled(TaskStruct task)
    {
        if (task.Suspended is not null || task.CallToRepeat is not null)
        {
            task.WakeToRetry(Woken);
            return;
        }

        task.State = TaskState.Runnable;
        Woken.Add(task);
    }

    private void KillForMemory(in OomRequest request) => oom.OutOfMemory(request);

    /// <summary>Takes an object that is gone off the list. Precondition: there is one.</summary>
    public AddressSpace TakeDead()
    {
        AddressSpace dead = Objects.Dead[^1];
        Objects.Dead.RemoveAt(Objects.Dead.Count - 1);
        dead.Pages = 0;
        filePages.DropSwapped(dead, 0, ulong.MaxValue);
        dead.Writes?.Clear();
        if (dead.Host is { } gone)
            filePages.Buffers?.Forget(gone, 0, ulong.MaxValue, 0);
        observer.ObjectCut(dead, 0, ulong.MaxValue, copiesToo: true);
        Io.Durability?.Forget(dead.Id, 0, ulong.MaxValue);
        return dead;
    }
}
