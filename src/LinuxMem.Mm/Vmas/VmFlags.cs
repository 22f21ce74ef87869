namespace LinuxMem.Mm.Vmas;

/// <summary>What a VMA allows and how the kernel is to treat it.</summary>
/// <remarks>Linux: include/linux/mm.h: VM_*, v6.18, with Linux's values (those of x86-64 where they differ).</remarks>
[Flags]
public enum VmFlags : ulong
{
    /// <summary>No access, private, nothing special.</summary>
    None = 0,
    /// <summary>Pages may be read now.</summary>
    Read = 0x1,
    /// <summary>Pages may be written now.</summary>
    Write = 0x2,
    /// <summary>Pages may be executed now.</summary>
    Exec = 0x4,
    /// <summary>
    /// Writes reach the mapped object. Off for MAP_SHARED of a file that was opened for reading only.
    /// </summary>
    Shared = 0x8,
    /// <summary>mprotect may set <see cref="Read"/>.</summary>
    MayRead = 0x10,
    /// <summary>mprotect may set <see cref="Write"/>.</summary>
    MayWrite = 0x20,
    /// <summary>mprotect may set <see cref="Exec"/>.</summary>
    MayExec = 0x40,
    /// <summary>Mapped with MAP_SHARED, whatever the file allows: the "s" of /proc/PID/maps.</summary>
    MayShare = 0x80,
    /// <summary>A fault just below the VMA extends it downwards (a stack).</summary>
    GrowsDown = 0x100,
    /// <summary>userfaultfd supplies pages that are missing.</summary>
    UffdMissing = 0x200,
    /// <summary>Page frames without struct page: never merged.</summary>
    PfnMap = 0x400,
    /// <summary>Guards were put in once (MADV_GUARD_INSTALL); taking them out does not clear it.</summary>
    MaybeGuard = 0x800,
    /// <summary>userfaultfd watches over writes.</summary>
    UffdWp = 0x1000,
    /// <summary>Pages stay in memory (mlock).</summary>
    Locked = 0x2000,
    /// <summary>Memory-mapped I/O: never merged.</summary>
    Io = 0x4000,
    /// <summary>MADV_SEQUENTIAL.</summary>
    SeqRead = 0x8000,
    /// <summary>MADV_RANDOM.</summary>
    RandRead = 0x10000,
    /// <summary>fork leaves the VMA out (MADV_DONTFORK).</summary>
    DontCopy = 0x20000,
    /// <summary>mremap may not enlarge it: never merged (the vdso has it).</summary>
    DontExpand = 0x40000,
    /// <summary>Pages are locked when they are faulted in (MLOCK_ONFAULT).</summary>
    LockOnFault = 0x80000,
    /// <summary>The pages are charged against the commit limit.</summary>
    Account = 0x100000,
    /// <summary>Never charged against the commit limit (MAP_NORESERVE).</summary>
    NoReserve = 0x200000,
    /// <summary>Made of huge pages of the hugetlb pool.</summary>
    HugeTlb = 0x400000,
    /// <summary>MAP_SYNC.</summary>
    Sync = 0x800000,
    /// <summary>The child finds zeros after fork (MADV_WIPEONFORK).</summary>
    WipeOnFork = 0x2000000,
    /// <summary>Left out of core dumps (MADV_DONTDUMP).</summary>
    DontDump = 0x4000000,
    /// <summary>Not to be tracked as clean by /proc/PID/clear_refs; never keeps two VMAs apart.</summary>
    SoftDirty = 0x8000000,
    /// <summary>Holds frames with and without struct page: never merged.</summary>
    MixedMap = 0x10000000,
    /// <summary>MADV_HUGEPAGE.</summary>
    HugePage = 0x20000000,
    /// <summary>MADV_NOHUGEPAGE, or MAP_STACK.</summary>
    NoHugePage = 0x40000000,
    /// <summary>MADV_MERGEABLE.</summary>
    Mergeable = 0x80000000,
    /// <summary>MAP_DROPPABLE: pages may be taken at any time, and read as zeros then.</summary>
    Droppable = 1UL << 40,
    /// <summary>userfaultfd maps pages that are in the page cache.</summary>
    UffdMinor = 1UL << 41,
    /// <summary>mseal: no call may unmap it, move it or change its rights.</summary>
    Sealed = 1UL << 42,

    /// <summary>Flags that keep no neighbours apart: merged VMAs have what either had.</summary>
    Sticky = SoftDirty | MaybeGuard,
    /// <summary>The three accesses (VM_ACCESS_FLAGS).</summary>
    AccessMask = Read | Write | Exec,
    /// <summary>Both kinds of mlock (VM_LOCKED_MASK); fork does not hand them on.</summary>
    LockedMask = Locked | LockOnFault,
    /// <summary>Any of these keeps a VMA from merging (VM_SPECIAL).</summary>
    Special = Io | DontExpand | PfnMap | MixedMap,
}
