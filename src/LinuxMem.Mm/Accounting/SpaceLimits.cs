using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Accounting;

/// <summary>What resource limits and the commit limit say about more memory in an address space.</summary>
/// <remarks>Linux: mm/vma.c: may_expand_vm; mm/mmap.c: mlock_future_ok; mm/mlock.c: can_do_mlock, v6.18.</remarks>
public sealed class SpaceLimits
{
    private const VmFlags DataMask = VmFlags.Write | VmFlags.Shared | VmFlags.GrowsDown;
    private readonly Overcommit overcommit;
    private readonly int pageShift;

    /// <summary>The limits of one machine.</summary>
    public SpaceLimits(Overcommit overcommit, int pageShift)
    {
        this.overcommit = overcommit;
        this.pageShift = pageShift;
    }

    /// <summary>Whether MAP_NORESERVE is heeded: not in mode 2.</summary>
    public bool HonoursNoReserve => overcommit.Mode != OvercommitMode.Never;

    /// <summary>Whether RLIMIT_AS, and for private writable memory RLIMIT_DATA, leave room for more pages.</summary>
    /// <param name="mm">The address space.</param>
    /// <param name="limits">The caller's limits.</param>
    /// <param name="flags">What kind of memory it is to be.</param>
    /// <param name="pages">
    /// How many more; where as many or more go at the same time, the difference modulo 2^64.
    /// </param>
    public bool MayExpand(Mm mm, RlimitTable limits, VmFlags flags, ulong pages)
    {
        if (unchecked(mm.Vmas.TotalVmPages + pages) > limits.AddressSpaceBytes >> pageShift)
            return false;
        if ((flags & DataMask) != VmFlags.Write)
            return true;
        ulong data = unchecked(mm.Vmas.DataVmPages + pages);
        if (data <= limits.DataBytes >> pageShift)
            return true;
        // A limit of 0 stands for the hard one: Valgrind sets it so.
        return limits.DataBytes == 0 && data <= limits.Hard(Rlimit.Data) >> pageShift;
    }

    /// <summary>Whether RLIMIT_MEMLOCK leaves room, if the memory is to be locked at all.</summary>
    public bool MayLock(Mm mm, TaskStruct task, VmFlags flags, ulong bytes)
    {
        if ((flags & VmFlags.Locked) == 0 || task.Credentials.Has(Capabilities.IpcLock))
            return true;
        return (bytes >> pageShift) + mm.Vmas.LockedVmPages <= task.Group.Limits.MemlockBytes >> pageShift;
    }

    /// <summary>Whether a stack may grow by some pages to a size in bytes.</summary>
    /// <remarks>Linux: mm/vma.c: acct_stack_growth, v6.18.</remarks>
    public bool MayGrowStack(Mm mm, VmFlags flags, ulong bytes, ulong pages)
    {
        RlimitTable limits = mm.Limits;
        if (!MayExpand(mm, limits, flags, pages) || bytes > limits.StackBytes)
            return false;
        bool isFree = (flags & VmFlags.Locked) == 0 || mm.LocksWithoutLimit;
        if (!isFree && pages + mm.Vmas.LockedVmPages > limits.MemlockBytes >> pageShift)
            return false;
        return overcommit.Allows(mm, pages, isAdmin: false);
    }

    /// <summary>Whether a task may lock any memory.</summary>
    public static bool MayUseMlock(TaskStruct task) =>
        task.Group.Limits.MemlockBytes != 0 || task.Credentials.Has(Capabilities.IpcLock);

    /// <summary>Whether pages may be promised to a task's address space.</summary>
    public bool MayCommit(Mm mm, TaskStruct task, ulong pages) =>
        pages == 0 || overcommit.Allows(mm, pages, task.Credentials.Has(Capabilities.SysAdmin));

    /// <summary>Whether private memory of these flags is charged against the commit limit when it is mapped.</summary>
    /// <remarks>Linux: mm/vma.c: accountable_mapping, v6.18.</remarks>
    public static bool IsAccountable(VmFlags flags) =>
        (flags & (VmFlags.NoReserve | VmFlags.Shared | VmFlags.Write)) == VmFlags.Write;
}
