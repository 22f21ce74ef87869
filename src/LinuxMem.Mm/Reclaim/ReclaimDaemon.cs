using LinuxMem.Mm.Block;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// What happens while memory is short, in steps of virtual time: kswapd works until enough is free again, tasks that
/// wait for memory reclaim some themselves, and in the end the OOM killer is called.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: balance_pgdat, try_to_free_pages; mm/page_alloc.c: should_reclaim_retry, v6.18. At a step every
/// CPU has come exactly as far, so that what is seen of accesses, and when page tables change, does not depend on how
/// the run is carried out. In a step as much is done as takes that long; CPU time for it is not charged to any CPU.
/// </remarks>
public sealed class ReclaimDaemon
{
    private const int MaxRetries = 16;
    private const long PatienceNs = 100_000_000; // VMSCAN_THROTTLE_NOPROGRESS: HZ / 10
    private readonly KernelMemory memory;
    private readonly Reclaimer reclaimer;
    private readonly IoQueue io;
    private readonly KernelCosts costs;
    private readonly Action<TaskStruct> wake;
    private readonly OomCall killOne;
    private readonly ReclaimThrottle throttle;
    private readonly ScanControl birth = new();
    private readonly ReclaimRest rest;
    private readonly List<TaskStruct> released = [];
    private ScanControl kswapd = new() { IsKswapd = true };
    private bool awake;
    private int failures;
    private int idleSteps;
    private long patientUntilNs;
    private long freeBefore;

    /// <summary>Over one machine's memory.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="reclaimer">Takes pages out of it.</param>
    /// <param name="io">I/Os that memory may be waiting for.</param>
    /// <param name="wake">Lets a task that waited for memory try again.</param>
    /// <param name="killOne">Calls the OOM killer.</param>
    public ReclaimDaemon(KernelMemory memory, Reclaimer reclaimer, IoQueue io, Action<TaskStruct> wake,
        OomCall killOne)
    {
        if (memory.Groups is { } groups)
            GroupWork = new GroupReclaim(groups, reclaimer, wake, killOne);
        throttle = new ReclaimThrottle(memory);
        this.memory = memory;
        this.reclaimer = reclaimer;
        this.io = io;
        this.wake = wake;
        this.killOne = killOne;
        costs = memory.Settings.KernelCosts;
        rest = new ReclaimRest(memory, io, Waiters);
    }

    /// <summary>The tasks that wait for memory.</summary>
    public MemoryWaiters Waiters { get; } = new();

    /// <summary>The tasks that want somebody killed for a block of frames.</summary>
    public OomDemands Demands { get; } = new();

    /// <summary>What is done for memory cgroups; null where there are none.</summary>
    public GroupReclaim? GroupWork { get; }

    /// <summary>The processes that could not be started for want of memory: they are tried again.</summary>
    public Newborns Newborns { get; } = new();

    /// <summary>Whether kswapd has given up: it has found nothing for long (pgdat.kswapd_failures).</summary>
    public bool IsHopeless => failures >= MaxRetries;

    /// <summary>Whether a step is called for.</summary>
    public bool WantsStep => WantsStepForMachine || Demands.Any || GroupWork is { WantsStep: true };

    /// <summary>A task wants somebody killed for a block that it was refused last.</summary>
    public void Demand(TaskStruct task)
    {
        task.MemoryWish = memory.Allocator.LastRefusal;
        Demands.Add(task);
    }

    /// <summary>Until when a step that is called for can wait, nanoseconds; 0 if it cannot.</summary>
    public long RestsUntilNs
    {
        get
        {
            if (Demands.Any || GroupWork is not { WantsStep: true })
                return Demands.Any ? 0 : rest.UntilNs;
            return WantsStepForMachine ? 0 : GroupWork.RestsUntilNs;
        }
    }

    private bool WantsStepForMachine => Waiters.Count > 0 || Newborns.Refused is not null || awake
        || memory.Allocator.IsBelowLow;

    /// <summary>A task waits for memory, for so many pages or a block, and is to reclaim some itself.</summary>
    public void Stall(TaskStruct task, long pages = 1)
    {
        task.WaitsForGroup = memory.Groups?.Blocked;
        memory.Stat.Add(VmEvent.AllocStallMovable, task.WaitsForGroup is null ? 1 : 0);
        task.MemoryWish = memory.Allocator.LastRefusal;
        Waiters.Add(task, pages);
    }

    /// <summary>A task is to reclaim once, for so many pages in a group or (null) anywhere; nobody is killed for it.
    /// </summary>
    public void StallForRoom(TaskStruct task, MemCgroup? group, int pages)
    {
        task.WaitsForGroup = group;
        memory.Stat.Add(VmEvent.AllocStallMovable, group is null ? 1 : 0);
        Waiters.AddForRoom(task, pages);
    }

    /// <summary>A task is to reclaim once for a block, however much is free; nobody is killed for it.</summary>
    public void StallForBlock(TaskStruct task)
    {
        task.WaitsForGroup = null;
        memory.Stat.Add(VmEvent.AllocStallMovable);
        Waiters.AddForRoom(task, long.MaxValue);
    }

    /// <summary>
    /// Does what a step allows. Yields where the owner of swap has to answer before it can go on.
    /// </summary>
    public IEnumerator<SwapOperations> Step(long nowNs)
    {
        rest.Begin();
        ReleaseWaiters(nowNs);
        Demands.Step(nowNs, IsHopeless, killOne, wake);
        int budget = (int)Math.Max(1, costs.KernelStepNs / Math.Max(1, costs.ReclaimPageNs));
        long progress = 0;
        int attempts = 0;
        Newborn? newborn = Newborns.Take();
        birth.Group = newborn?.FullGroup;
        for (int i = newborn is null ? 0 : -1; i < Waiters.Count && !WaitsForWrites; i++)
        {
            ScanControl direct = i < 0 ? birth : Waiters[i];
            // An attempt that a step has no time to end goes on in the next, down to the lowest priority.
            if (direct.Group is null)
                direct.Continue();

            direct.HasTried = true;
            if (throttle.Holds(direct, nowNs))
                continue;
            long before = direct.Reclaimed;
            TraceDirect(i);
            while (direct.Priority >= 0 && direct.Reclaimed < ScanControl.ClusterMax && direct.Scanned < budget)
            {
                long had = direct.Reclaimed;
                for (var pass = reclaimer.Shrink(direct, ScanControl.ClusterMax, nowNs); pass.MoveNext();)
                    yield return pass.Current;
                if (memory.Failures.CountForNothing(direct.Group))
                    direct.Reclaimed = had;
                direct.Lower();
            }

            memory.Trace?.Emit(Tracepoint.DirectReclaimEnd, direct.Reclaimed);
            throttle.Sent(direct, direct.Reclaimed - before, nowNs);
            if (direct.IsOver)
                memory.Lru!.AttemptOver(direct.Group);
            if (direct.Group is not null)
                GroupWork!.NoteAttempt(direct);
            else if (direct.IsOver)
                attempts++;
            progress += direct.Group is null ? direct.Reclaimed - before : 0;
        }

        memory.Trace?.Act(-1, 0, KernelThreads.Kswapd);
        for (var work = Kswapd(budget, nowNs); work.MoveNext();)
            yield return work.Current;
        if (GroupWork is not null)
        {
            for (var work = GroupWork.Shrink(budget, nowNs); work.MoveNext();)
                yield return work.Current;
            GroupWork.ReleaseSlowed(nowNs);
            GroupWork.Judge(Waiters, newborn?.FullGroup is null ? null : newborn, nowNs);
        }

        JudgeProgress(progress, attempts, newborn is { FullGroup: null } ? newborn : null, nowNs);
        rest.Judge(newborn is not null || Waiters.Count > 0, nowNs);
        freeBefore = memory.Allocator.FreePagesTotal;
    }

    private void TraceDirect(int waiter)
    {
        if (memory.Trace is not { } trace)
            return;
        TaskStruct? task = waiter < 0 ? null : Waiters.TaskAt(waiter);
        trace.Act(-1, task?.Group.Pid ?? 0, task?.Tid ?? KernelThreads.Init);
        trace.Emit(Tracepoint.DirectReclaimBegin, 0, (long)GfpFlags.HighUserMovable);
    }

    // v2.0 writes a page and waits for that before it looks for another; 32 may be under way (SWAP_CLUSTER_MAX).
    private bool WaitsForWrites =>
        memory.Settings.Kernel == KernelEra.Classic && memory.ReclaimingPages >= ScanControl.ClusterMax;

    private IEnumerator<SwapOperations> Kswapd(int budget, long nowNs)
    {
        PageAllocator allocator = memory.Allocator;
        if (allocator.IsBelowLow && !awake && failures < MaxRetries)
        {
            awake = true;
            kswapd = new ScanControl { IsKswapd = true };
            memory.Stat.Add(VmEvent.PageOutRun);
            memory.Trace?.Emit(Tracepoint.KswapdWake);
        }

        allocator.IsBelowLow = false;
        bool wasAwake = awake;
        while (awake && kswapd.Scanned < budget)
        {
            // Pages that are on their way out count as out, or a slow disk would have everything thrown out.
            long wanted = allocator.PagesBelowHigh - memory.ReclaimingPages;
            if (wanted <= 0)
            {
                awake = allocator.PagesBelowHigh > 0;
                failures = 0;
                kswapd.Priority = ScanControl.DefaultPriority;
                memory.Lru!.AttemptOver(null);
                break;
            }

            long before = kswapd.Reclaimed;
            int most = (int)Math.Min(Math.Max(wanted, ScanControl.ClusterMax), budget);
            for (var pass = reclaimer.Shrink(kswapd, most, nowNs); pass.MoveNext();)
                yield return pass.Current;
            if (kswapd.Reclaimed > before)
                continue;
            if (--kswapd.Priority >= 1)
                continue;
            // Nothing to be had: tasks have to look for themselves, until one of them finds something.
            awake = ++failures < MaxRetries && Waiters.Count > 0;
            kswapd.Priority = ScanControl.DefaultPriority;
            memory.Lru!.AttemptOver(null);
            break;
        }

        kswapd.Scanned = 0;
        if (!awake && wasAwake)
            memory.Trace?.Emit(Tracepoint.KswapdSleep);
    }

    // Those wake who find memory now; more than there is would only come back.
    private void ReleaseWaiters(long nowNs)
    {
        if (Waiters.Count == 0)
            return;
        long room = memory.Allocator.PagesAboveMin;
        Waiters.Release(Math.Max(0, room), released, throttle, nowNs);
        foreach (TaskStruct task in released)
            wake(task);
        released.Clear();
    }

    private void JudgeProgress(long progress, int attempts, Newborn? newborn, long nowNs)
    {
        TaskStruct? first = Waiters.First(null);
        bool anyWaits = newborn is not null || first is not null;
        if (progress > 0)
            failures = 0;
        bool underWay = memory.ReclaimingPages > 0 || memory.Coherence.HasParkedFrames;
        if (!anyWaits || memory.Allocator.FreePagesTotal > freeBefore)
            memory.Failures.Forget();
        bool inVain = memory.Failures.CountForNothing(null);
        underWay &= !inVain;
        if (!anyWaits || progress > 0 || underWay || memory.Allocator.FreePagesTotal > freeBefore)
        {
            idleSteps = 0;
            return;
        }

        // Other I/O may let go of pages that can leave then: who finds nothing has patience with it, but not for ever.
        if (!inVain && io.UnderWay > 0 && nowNs < patientUntilNs)
            return;
        patientUntilNs = nowNs + PatienceNs;
        memory.Allocator.DrainAll();
        if (attempts > 0)
            idleSteps++;
        if (idleSteps < MaxRetries)
            return;
        idleSteps = 0;
        memory.Failures.Forget();
        AllocWish wish = first?.MemoryWish ?? newborn?.Wish ?? default;
        killOne(new OomRequest(nowNs, first, null, wish, IsHopeless) { Birth = newborn });
    }
}
