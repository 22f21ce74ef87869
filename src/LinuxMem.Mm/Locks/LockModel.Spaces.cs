using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Locks;

/// <content>The locks of address spaces and VMAs: page faults, and calls that change mappings.</content>
/// <remarks>An address space that one task uses alone has nobody to wait for.</remarks>
public sealed partial class LockModel
{
    private const int AtomicsOfHold = 2; // one to take the lock, one to let it go
    private Mm? callMm;
    private MmapLockUse callUse;
    private long callGotNs;
    private int callVmas;
    private long callReshapes;
    private SyscallRequest callRequest;
    private (ulong Start, ulong End) callRange;
    private Vma? callVma;
    private Mm? faultMm;
    private Vma? faultVma;
    private long faultGotNs;

    /// <summary>
    /// A page fault begins: it takes its VMA's lock, or mmap_lock, for reading. False if the task has to sleep.
    /// </summary>
    /// <remarks>Linux: arch/x86/mm/fault.c: do_user_addr_fault, v6.18.</remarks>
    public bool BeginFault(Mm mm, Vma? vma, in WorkCost cost)
    {
        faultMm = null;
        faultVma = null;
        if (!inTrap || !mm.IsShared || ReferenceEquals(callMm, mm))
            return true;
        long askedNs = NowNs(cost);
        if (settings.PerVma && vma is not null && !SleptFor(mm) && TakeVma(mm, vma, askedNs))
            faultVma = vma;
        else if (!TakeMmapRead(mm, askedNs))
            return false;
        faultMm = mm;
        faultGotNs = NowNs(cost);
        return true;
    }

    /// <summary>The fault is over, or waits for I/O, before which it lets go (FAULT_FLAG_RETRY).</summary>
    public void EndFault(in WorkCost cost)
    {
        if (faultMm is null)
            return;
        long nowNs = NowNs(cost);
        if (faultVma is { } vma)
            ReleaseVma(vma, faultGotNs, nowNs);
        else
            ReleaseMmapRead(faultMm, faultGotNs, nowNs);
        faultMm = null;
    }

    /// <summary>
    /// A system call begins: it takes mmap_lock as its rules say (<see cref="CallLocks"/>), when what every call takes
    /// (SyscallNs, which is in the cost already) is behind it. False if the task has to sleep.
    /// </summary>
    public bool BeginCall(TaskStruct task, in SyscallRequest request, in WorkCost cost)
    {
        Mm mm = task.Mm;
        callMm = null;
        if (!inTrap || !mm.IsShared)
            return true;
        callUse = CallLocks.UseOf(request, mm, settings.PerVma);
        if (callUse == MmapLockUse.None)
            return true;
        callRequest = request;
        callRange = CallLocks.RangeOf(request, mm);
        callVmas = cost.Vmas;
        callReshapes = mm.Vmas.Reshapes;
        callVma = null;
        Sleeper = task;
        bool isHad = TakeForCall(mm, NowNs(cost));
        Sleeper = null;
        if (!isHad)
            return false;
        callMm = mm;
        callGotNs = NowNs(cost);
        if (callUse >= MmapLockUse.Write)
            WaitForReaders(mm, cost);
        return true;
    }

    /// <summary>The call has done what it does under the lock.</summary>
    /// <param name="result">What it returns.</param>
    /// <param name="cost">What it did.</param>
    public void EndCall(SyscallResult result, in WorkCost cost)
    {
        if (callMm is not { } mm)
            return;
        callMm = null;
        // Only now is it known which VMA has grown, or is new.
        if (callUse == MmapLockUse.Write && !result.IsError
            && callRequest.Nr is SyscallNr.Mmap or SyscallNr.Mremap or SyscallNr.Shmat)
        {
            callRange = ((ulong)result.Value, (ulong)result.Value + 1);
            WaitForReaders(mm, cost);
        }

        long fetchNs = FetchData(mm, cost);
        long nowNs = NowNs(cost);
        if (callVma is { } vma)
            ReleaseVma(vma, callGotNs, nowNs);
        else if (callUse <= MmapLockUse.Read)
            ReleaseMmapRead(mm, callGotNs, nowNs);
        else
            ReleaseMmapWrite(mm, nowNs, fetchNs, cost);
        callVma = null;
    }

    // What a writer reads lies in the cache of the CPU that wrote last: one line if it finds that there is nothing to
    // change (brk to where the heap ends), several for each VMA that it changes, and more if it splits or joins some.
    // No contention, but owed.
    private long FetchData(Mm mm, in WorkCost cost)
    {
        if (callUse < MmapLockUse.Write)
            return 0;
        long lines = Math.Max(1, (long)(cost.Vmas - callVmas) * settings.VmaLines);
        long ns = settings.VmaLines == 0 ? 0 : lines * mm.MmapLock.Data.Fetch(cpu, settings);
        if (mm.Vmas.Reshapes != callReshapes)
            ns += settings.SplitLines * mm.MmapLock.SplitData.Fetch(cpu, settings);
        owedNs += ns;
        return ns;
    }

    private bool TakeForCall(Mm mm, long askedNs)
    {
        if (callUse == MmapLockUse.Vma && !SleptFor(mm) && mm.Vmas.Tree.FindContaining(callRange.Start) is { } vma
            && callRange.End <= vma.End && TakeVma(mm, vma, askedNs))
        {
            callVma = vma;
            return true;
        }

        return callUse <= MmapLockUse.Read ? TakeMmapRead(mm, askedNs) : TakeMmapWrite(mm, askedNs);
    }

    private long FetchNs => AtomicsOfHold * (long)settings.LineNs;

    // False if a writer has the VMA: the fault is then served under mmap_lock.
    private bool TakeVma(Mm mm, Vma vma, long askedNs)
    {
        VmaLock vmaLock = vma.Lock ??= new VmaLock();
        if (vmaLock.WrittenUntilNs > askedNs)
            return false;
        order.Take(LockClass.VmaLock);
        long grantNs = vmaLock.Line.Change(cpu, AtomicsOfHold, askedNs, atNs, settings, self);
        Got(LockClass.VmaLock, mm.Id, false, askedNs, grantNs, default, FetchNs);
        return true;
    }

    private void ReleaseVma(Vma vma, long gotNs, long nowNs)
    {
        order.Release(LockClass.VmaLock);
        Statistics.Held(LockClass.VmaLock, nowNs - gotNs);
        VmaLock vmaLock = vma.Lock!;
        if (nowNs <= vmaLock.ReadUntilNs)
            return;
        vmaLock.ReadUntilNs = nowNs;
        vmaLock.Reader = self;
    }

    private void ReleaseMmapRead(Mm mm, long gotNs, long nowNs)
    {
        order.Release(LockClass.MmapLock);
        Statistics.Held(LockClass.MmapLock, nowNs - gotNs);
        mm.MmapLock.HeldRead(nowNs, self);
        PlanWake(mm);
    }

    // Linux: include/linux/mmap_lock.h: vma_start_write, v6.18: faults that are under way in the VMA end first.
    private void WaitForReaders(Mm mm, in WorkCost cost)
    {
        if (!settings.PerVma || callRange.Start >= callRange.End)
            return;
        Vma? vma = mm.Vmas.Tree.Find(callRange.Start);
        for (; vma is not null && vma.Start < callRange.End; vma = vma.Next)
        {
            if (vma.Lock is not { } readers)
                continue;
            order.Pass(LockClass.VmaLock);
            long askedNs = NowNs(cost);
            Got(LockClass.VmaLock, mm.Id, true, askedNs, Math.Max(askedNs, readers.ReadUntilNs), readers.Reader);
        }
    }

    private void ReleaseMmapWrite(Mm mm, long nowNs, long fetchNs, in WorkCost cost)
    {
        long endNs = callUse == MmapLockUse.WriteThenRead
            ? Math.Min(nowNs, callGotNs + ((cost.Vmas - callVmas) * (long)costs.VmaNs) + fetchNs) : nowNs;
        mm.MmapLock.HeldWrite(callGotNs, endNs, self);
        if (callUse == MmapLockUse.WriteThenRead)
            mm.MmapLock.HeldRead(nowNs, self);
        PlanWake(mm);
        order.Release(LockClass.MmapLock);
        Statistics.Held(LockClass.MmapLock, nowNs - callGotNs);
        if (!settings.PerVma || callRange.Start >= callRange.End)
            return;
        Vma? vma = mm.Vmas.Tree.Find(callRange.Start);
        for (; vma is not null && vma.Start < callRange.End; vma = vma.Next)
            (vma.Lock ??= new VmaLock()).WrittenUntilNs = endNs;
    }
}
