using LinuxMem.Abi;

namespace LinuxMem.Mm.Locks;

/// <summary>Which system call takes mmap_lock, in which mode, and which VMAs it changes meanwhile.</summary>
/// <remarks>
/// Linux: mm/mmap.c, mm/vma.c, mm/mprotect.c, mm/mremap.c, mm/mlock.c, mm/madvise.c: get_lock_mode, kernel/fork.c:
/// dup_mmap, v6.18. A call that fails before it takes the lock is taken to have had it.
/// </remarks>
internal static class CallLocks
{
    /// <summary>How a call uses the lock.</summary>
    /// <param name="request">The call.</param>
    /// <param name="mm">The caller's address space.</param>
    /// <param name="perVma">Whether faults take the locks of VMAs.</param>
    public static MmapLockUse UseOf(in SyscallRequest request, Mm mm, bool perVma) => request.Nr switch
    {
        SyscallNr.Mmap or SyscallNr.Mprotect or SyscallNr.PkeyMprotect or SyscallNr.Mremap or SyscallNr.Mlock
            or SyscallNr.Mlock2 or SyscallNr.Munlock or SyscallNr.Mlockall or SyscallNr.Munlockall or SyscallNr.Mseal
            or SyscallNr.RemapFilePages or SyscallNr.Shmat => MmapLockUse.Write,
        SyscallNr.Munmap or SyscallNr.Shmdt => MmapLockUse.WriteThenRead,
        SyscallNr.Brk => request.A0 < mm.Brk && request.A0 >= mm.StartBrk
            ? MmapLockUse.WriteThenRead : MmapLockUse.Write,
        SyscallNr.Madvise => OfAdvice((Advice)(uint)request.A2, perVma),
        SyscallNr.Fork => MmapLockUse.Write,
        SyscallNr.Clone => (request.A0 & (ulong)CloneFlags.Vm) == 0 ? MmapLockUse.Write : MmapLockUse.None,
        _ => MmapLockUse.None,
    };

    /// <summary>
    /// The addresses of the VMAs that a call changes, as far as they are known before it: [start, end).
    /// </summary>
    public static (ulong Start, ulong End) RangeOf(in SyscallRequest request, Mm mm) => request.Nr switch
    {
        SyscallNr.Fork or SyscallNr.Clone or SyscallNr.Mlockall or SyscallNr.Munlockall => (0, ulong.MaxValue),
        SyscallNr.Brk => (Math.Min(mm.Brk, request.A0), Math.Max(mm.Brk, request.A0)),
        SyscallNr.Mmap or SyscallNr.Shmat => ((MapFlags)request.A3 & MapFlags.Fixed) != 0
            ? Range(request.A0, request.A1) : default,
        SyscallNr.Shmdt => Range(request.A0, 1),
        _ => Range(request.A0, request.A1),
    };

    private static MmapLockUse OfAdvice(Advice advice, bool perVma) => advice switch
    {
        Advice.DontNeed or Advice.DontNeedLocked or Advice.Free or Advice.GuardInstall or Advice.GuardRemove =>
            perVma ? MmapLockUse.Vma : MmapLockUse.Read,
        Advice.WillNeed or Advice.Remove or Advice.Cold or Advice.PageOut or Advice.Collapse => MmapLockUse.Read,
        Advice.PopulateRead or Advice.PopulateWrite => MmapLockUse.None,
        _ => MmapLockUse.Write,
    };

    private static (ulong Start, ulong End) Range(ulong start, ulong length) =>
        (start, length > ulong.MaxValue - start ? ulong.MaxValue : start + length);
}
