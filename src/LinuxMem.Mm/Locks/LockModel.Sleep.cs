using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Locks;

/// <content>mmap_lock: who spins for it, who sleeps for it, and who wakes them.</content>
/// <remarks>
/// A task that has to sleep leaves its CPU with nothing done; when it has been woken it enters the kernel again with
/// the same fault or call, which finds its place in the queue (<see cref="TaskStruct.LockWait"/>).
/// </remarks>
public sealed partial class LockModel
{
    private const long Interrupted = -4; // -EINTR
    private readonly List<RwWaiter> woken = [];

    /// <summary>
    /// The task that may sleep in what is done next; null where nobody can, and a wait is spent on the CPU.
    /// </summary>
    public TaskStruct? Sleeper { get; set; }

    /// <summary>Until when the task in the kernel has its CPU for itself, so that it may spin.</summary>
    public long CpuUntilNs { get; set; } = long.MaxValue;

    /// <summary>
    /// Locks whose <see cref="RwSemaphore.NextWakeNs"/> has changed, to be taken by who sets alarms.
    /// </summary>
    public List<RwSemaphore> ToPlan { get; } = [];

    /// <summary>The alarm of an address space: who sleeps for its mmap_lock and can have it now is woken.</summary>
    public IReadOnlyList<RwWaiter> Wake(Mm mm, long nowNs)
    {
        woken.Clear();
        mm.MmapLock.PlannedNs = long.MaxValue;
        mm.MmapLock.Wake(nowNs, woken);
        PlanWake(mm);
        return woken;
    }

    /// <summary>A task that is to end waits for no lock any more.</summary>
    public void GiveUp(TaskStruct task)
    {
        if (task.LockWait is not { IsActive: true } waiter)
            return;
        waiter.Lock!.GiveUp(waiter);
        PlanWake(waiter.Lock);
        if (Trace is not null)
            TellEnd(Trace, task.Group.Pid, LockClass.MmapLock, waiter.Lock.Owner,
                Math.Max(Trace.NowNs, waiter.SinceNs), Interrupted);
    }

    /// <summary>The trap is over: a place in a queue that the task has not come back to is given up.</summary>
    public void Settle(TaskStruct task)
    {
        if (task.LockWait is not { } waiter)
            return;
        if (!waiter.IsTried)
            GiveUp(task);
        waiter.IsTried = false;
    }

    private bool SleptFor(Mm mm) =>
        Sleeper?.LockWait is { IsActive: true, IsTried: false } waiter && waiter.Lock == mm.MmapLock;

    // False if the task sleeps.
    private bool TakeMmapRead(Mm mm, long askedNs)
    {
        RwSemaphore mmap = mm.MmapLock;
        if (SleptFor(mm))
            return TryAgain(mm, Sleeper!.LockWait!, askedNs);
        long grantNs = askedNs;
        if (!mmap.TryRead(askedNs, out LockHolder blocker))
        {
            if (Sleeper is not null)
                return Sleep(mm, writes: false, askedNs, askedNs, blocker);
            grantNs = mmap.GrantRead(askedNs, out blocker);
            if (grantNs > askedNs)
                grantNs += settings.WakeNs;
        }

        order.Take(LockClass.MmapLock);
        long haveNs = mmap.Line.Change(cpu, AtomicsOfHold, grantNs, atNs, settings, self);
        Got(LockClass.MmapLock, mm.Id, false, askedNs, haveNs, blocker, FetchNs);
        return true;
    }

    private bool TakeMmapWrite(Mm mm, long askedNs)
    {
        RwSemaphore mmap = mm.MmapLock;
        if (SleptFor(mm))
            return TryAgain(mm, Sleeper!.LockWait!, askedNs);
        if (!mmap.TryWrite(askedNs, cpu, CpuUntilNs, settings, out long whenNs, out LockHolder blocker))
            return Sleep(mm, writes: true, askedNs, whenNs, blocker);
        order.Take(LockClass.MmapLock);
        long haveNs = whenNs;
        if (whenNs > askedNs)
            mmap.Line.Pass(cpu, settings); // the way is in the hand-over
        else
            haveNs = mmap.Line.Change(cpu, AtomicsOfHold, whenNs, atNs, settings, self);
        Got(LockClass.MmapLock, mm.Id, true, askedNs, haveNs, blocker, FetchNs);
        return true;
    }

    private bool Sleep(Mm mm, bool writes, long askedNs, long atNs, LockHolder blocker)
    {
        order.Pass(LockClass.MmapLock);
        RwWaiter waiter = Sleeper!.LockWait ??= new RwWaiter(Sleeper.Tid);
        if (waiter.IsActive)
            GiveUp(Sleeper); // it waited for another address space, and does not come back to that
        mm.MmapLock.Sleep(waiter, writes, askedNs, atNs, self, blocker);
        waiter.IsTried = true;
        PlanWake(mm);
        owedNs += atNs - askedNs;
        gotNs = atNs;
        if (Trace is not null)
            TellBegin(Trace, LockClass.MmapLock, mm.Id, writes, askedNs, blocker);
        return false;
    }

    private bool TryAgain(Mm mm, RwWaiter waiter, long askedNs)
    {
        waiter.IsTried = true;
        bool isHad = mm.MmapLock.TryAgain(waiter, askedNs);
        PlanWake(mm);
        if (!isHad)
            return false;
        order.Take(LockClass.MmapLock);
        Statistics.Acquired(LockClass.MmapLock);
        long haveNs = askedNs + mm.MmapLock.Line.Pass(cpu, settings);
        gotNs = haveNs;
        owedNs += haveNs - askedNs;
        Statistics.Waited(new LockWait(LockClass.MmapLock, mm.Id, waiter.Writes, waiter.AskedNs,
            haveNs - waiter.AskedNs, self, waiter.Blocker));
        if (Trace is not null)
            TellEnd(Trace, Trace.Pid, LockClass.MmapLock, mm.Id, haveNs, 0);
        return true;
    }

    private void PlanWake(Mm mm) => PlanWake(mm.MmapLock);

    private void PlanWake(RwSemaphore mmap)
    {
        if (mmap.NextWakeNs != mmap.PlannedNs && !ToPlan.Contains(mmap))
            ToPlan.Add(mmap);
    }
}
