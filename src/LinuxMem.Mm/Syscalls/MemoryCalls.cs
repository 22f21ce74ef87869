using LinuxMem.Abi;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls;

/// <summary>The system calls on address spaces that are done at one go, by number.</summary>
public sealed class MemoryCalls
{
    private readonly Mmap mmap;
    private readonly Munmap munmap;
    private readonly Mprotect mprotect;
    private readonly Brk brk;
    private readonly Mremap mremap;
    private readonly Madvise madvise;
    private readonly Mlock mlock;
    private readonly Mlockall mlockall;
    private readonly Mseal mseal;
    private readonly RemapFilePages remapFilePages;
    private readonly IMmObserver observer;
    private readonly ulong pageMask;

    /// <summary>The calls of one kernel.</summary>
    public MemoryCalls(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, SpaceLimits limits,
        UnmapRegion unmap, FileSystem files, IMmObserver observer)
    {
        UnmapRegion = unmap;
        mmap = new Mmap(memory, limits, unmap, files, observer);
        munmap = new Munmap(memory.Geometry, unmap);
        mprotect = new Mprotect(memory, mapper, limits);
        brk = new Brk(memory, limits, unmap, observer);
        mremap = new Mremap(memory, mapper, limits, unmap, observer);
        madvise = new Madvise(memory, mapper, new GuardPages(memory, mapper, anonVmas, observer), observer);
        mlock = new Mlock(memory.Geometry);
        mlockall = new Mlockall(memory.Geometry);
        mseal = new Mseal(memory.Geometry);
        remapFilePages = new RemapFilePages(memory.Geometry, mmap);
        this.observer = observer;
        pageMask = memory.Geometry.PageOffsetMask;
    }

    /// <summary>mmap, for calls that are made of it.</summary>
    public Mmap Mmap => mmap;

    /// <summary>Takes mappings away.</summary>
    public UnmapRegion UnmapRegion { get; }

    /// <summary>madvise, for calls that are made of it.</summary>
    public Madvise Madvise => madvise;

    /// <summary>
    /// Carries a call out and leaves its result with the caller; false if it is another call.
    /// <paramref name="populate"/> is what is to be faulted in before it returns.
    /// </summary>
    public bool TryInvoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        SyscallResult? result = call.Request.Nr switch
        {
            SyscallNr.Mmap => mmap.Invoke(call, out populate, ref cost),
            SyscallNr.Munmap => Unmap(call, ref cost),
            SyscallNr.Mprotect => mprotect.Invoke(call, -1, out populate, ref cost),
            SyscallNr.PkeyMprotect => mprotect.Invoke(call, (int)(uint)call.Request.A3, out populate, ref cost),
            SyscallNr.PkeyAlloc => SyscallResult.Fail(PkeyAllocError(call)),
            SyscallNr.PkeyFree => SyscallResult.Fail(Errno.EINVAL),
            SyscallNr.Brk => brk.Invoke(call, out populate, ref cost),
            SyscallNr.Mremap => mremap.Invoke(call, out populate, ref cost),
            SyscallNr.Mlock => mlock.Lock(call, 0, out populate, ref cost),
            SyscallNr.Mlock2 => mlock.Lock(call, (uint)call.Request.A2, out populate, ref cost),
            SyscallNr.Munlock => mlock.Unlock(call, ref cost),
            SyscallNr.Mlockall => mlockall.Lock(call, out populate, ref cost),
            SyscallNr.Munlockall => Mlockall.Unlock(call, ref cost),
            SyscallNr.Mseal => mseal.Invoke(call, ref cost),
            SyscallNr.RemapFilePages => remapFilePages.Invoke(call, out populate, ref cost),
            SyscallNr.Madvise => Advise(call, out populate, ref cost),
            _ => null,
        };
        if (result is { } value)
            call.Task.Result = value;
        return result is not null;
    }

    private SyscallResult Unmap(in SyscallContext call, ref WorkCost cost)
    {
        SyscallResult result = munmap.Invoke(call, ref cost);
        if (!result.IsError)
            observer.Unmapped(call.Mm, call.Request.A0, (call.Request.A0 + call.Request.A1 + pageMask) & ~pageMask);
        return result;
    }

    // MADV_REMOVE, MADV_WILLNEED and MADV_COLLAPSE are files' affairs: they go on step by step.
    private SyscallResult? Advise(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        return (Advice)(uint)call.Request.A2 is Advice.Remove or Advice.WillNeed or Advice.Collapse
            ? null : madvise.Invoke(call, out populate, ref cost);
    }

    // On a processor without protection keys the first attempt takes key 0, finds that its rights cannot be set, and
    // cannot give it back; after that none is free. Linux: mm/mprotect.c: pkey_alloc; arch/x86/include/asm/pkeys.h:
    // mm_pkey_is_allocated, v6.18.
    private static Errno PkeyAllocError(in SyscallContext call)
    {
        if (call.Request.A0 != 0 || (call.Request.A1 & ~3UL) != 0)
            return Errno.EINVAL;
        Errno error = call.Mm.HasTriedPkey ? Errno.ENOSPC : Errno.EINVAL;
        call.Mm.HasTriedPkey = true;
        return error;
    }
}
