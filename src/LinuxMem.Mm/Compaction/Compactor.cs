using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Compaction;

/// <summary>
/// Compaction of the machine, in steps of virtual time: for tasks that wait for a block, for kcompactd, for a write to
/// vm.compact_memory.
/// </summary>
/// <remarks>
/// Linux: mm/compaction.c: try_to_compact_pages, kcompactd_do_work, compact_nodes; mm/page_alloc.c:
/// __alloc_pages_direct_compact, v6.18. What moves is free a moment later, when TLBs have forgotten it: a task is woken
/// at the step after.
/// </remarks>
public sealed class Compactor
{
    /// <summary>Pages that are moved in one step: it lasts as long as that takes.</summary>
    private const int PagesAStep = 512;

    private readonly KernelMemory memory;
    private readonly PageMigration migration;
    private readonly ZoneCompactor[] zones;
    private readonly Action<TaskStruct> wake;
    private readonly List<Waiter> waiters = [];
    private int daemonOrder = -1;
    private int daemonZone;

    /// <summary>Of one machine; a task that may try again is given to <paramref name="wake"/>.</summary>
    public Compactor(KernelMemory memory, PageMigration migration, Action<TaskStruct> wake)
    {
        this.memory = memory;
        this.migration = migration;
        this.wake = wake;
        zones = [.. memory.Allocator.Zones.Select(zone => new ZoneCompactor(memory, migration, zone))];
    }

    /// <summary>Whether a step is called for.</summary>
    public bool WantsStep => waiters.Count > 0 || daemonOrder >= 0;

    /// <summary>A task waits for a block of an order; -1 waits until all memory is compacted.</summary>
    public void Wait(TaskStruct task, int order)
    {
        task.State = TaskState.WaitingForMemory;
        waiters.Add(new Waiter(task, new CompactControl(order, IsDaemon: false)));
    }

    /// <summary>An allocation of an order has found nothing quickly: kcompactd looks after it.</summary>
    /// <remarks>Linux: wakeup_kcompactd, v6.18.</remarks>
    public void WakeDaemon(int order)
    {
        if (daemonOrder >= 0 || !zones.Any(zone => !zone.HasBlock(order) && zone.IsSuitable(order)))
            return;
        daemonOrder = order;
        daemonZone = 0;
        memory.Stat.Add(VmEvent.CompactDaemonWake);
    }

    /// <summary>Takes a step. Precondition: every CPU has come exactly as far, and what was stored is in RAM.</summary>
    public void Step(long nowNs)
    {
        memory.Allocator.DrainAll();
        memory.Allocator.ListAllFreeBlocks();
        for (int i = 0; i < waiters.Count; i++)
        {
            Waiter waiter = waiters[i];
            if (waiter.Task.State == TaskState.WaitingForMemory && !Work(waiter))
                continue;
            waiters.RemoveAt(i--);
            if (waiter.Task.State == TaskState.WaitingForMemory)
                wake(waiter.Task);
        }

        if (daemonOrder >= 0)
            RunDaemon();
        migration.Finish(nowNs);
    }

    // True when the task may look again.
    private bool Work(Waiter waiter)
    {
        if (waiter.IsDone)
            return !memory.Coherence.HasParkedFrames || ++waiter.Patience > 100;
        int order = waiter.Control.Order;
        if (zones.Any(zone => zone.HasBlock(order)))
            return true;
        for (; waiter.Zone < zones.Length; waiter.Zone++)
        {
            ZoneCompactor zone = zones[^(waiter.Zone + 1)];
            if (!waiter.Began && (zone.IsDeferred(order) || !zone.IsSuitable(order)))
                continue;
            if (!waiter.Began && order >= 0)
                memory.Stat.Add(VmEvent.CompactStall);
            CompactResult result = zone.Run(waiter.Control, PagesAStep);
            waiter.Began = result == CompactResult.Continue;
            waiter.HasTried = true;
            if (waiter.Began)
                return false;
            if (result == CompactResult.Success)
                return true;
        }

        // What was moved last is not free yet; whether the block is there then is for the allocation to see.
        waiter.IsDone = true;
        return !waiter.HasTried;
    }

    /// <summary>An allocation that waited has looked again, and has found a block or not.</summary>
    public void LookedAgain(int order, bool found)
    {
        memory.Stat.Add(found ? VmEvent.CompactSuccess : VmEvent.CompactFail);
        foreach (ZoneCompactor zone in zones)
        {
            if (found)
                zone.Succeeded(order);
            else
                zone.Defer(order);
        }
    }

    private void RunDaemon()
    {
        var control = new CompactControl(daemonOrder, IsDaemon: true);
        for (; daemonZone < zones.Length; daemonZone++)
        {
            ZoneCompactor zone = zones[daemonZone];
            if (!zone.IsSuitable(daemonOrder) || zone.HasBlock(daemonOrder))
                continue;
            if (zone.Run(control, PagesAStep) == CompactResult.Continue)
                return;
        }

        daemonOrder = -1;
    }

    private sealed class Waiter(TaskStruct task, CompactControl control)
    {
        public TaskStruct Task { get; } = task;

        public CompactControl Control { get; } = control;

        public int Zone { get; set; }

        public bool Began { get; set; }

        public bool HasTried { get; set; }

        public bool IsDone { get; set; }

        public int Patience { get; set; }
    }
}
