namespace LinuxMem.Abi;

/// <summary>The protection argument of mmap and mprotect.</summary>
/// <remarks>Linux: include/uapi/asm-generic/mman-common.h, v6.18.</remarks>
[Flags]
public enum ProtFlags : uint
{
    /// <summary>Pages may not be accessed.</summary>
    None = 0,
    /// <summary>Pages may be read.</summary>
    Read = 0x1,
    /// <summary>Pages may be written.</summary>
    Write = 0x2,
    /// <summary>Pages may be executed.</summary>
    Exec = 0x4,
    /// <summary>Good for atomic operations between processors, as all memory is (PROT_SEM).</summary>
    Sem = 0x8,
    /// <summary>mprotect: extend the change to the start of a growsdown VMA.</summary>
    GrowsDown = 0x01000000,
    /// <summary>mprotect: extend the change to the end of a growsup VMA.</summary>
    GrowsUp = 0x02000000,
}

/// <summary>The flags argument of mmap.</summary>
/// <remarks>Linux: include/uapi/asm-generic/mman-common.h and mman.h, v6.18.</remarks>
[Flags]
public enum MapFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,
    /// <summary>Changes are shared.</summary>
    Shared = 0x01,
    /// <summary>Changes are private (copy-on-write).</summary>
    Private = 0x02,
    /// <summary>Like Shared, and unknown flags are an error.</summary>
    SharedValidate = 0x03,
    /// <summary>Private anonymous memory whose pages may become zeros at any time (MAP_DROPPABLE).</summary>
    Droppable = 0x08,

    /// <summary>The bits that hold the type of the mapping.</summary>
    TypeMask = 0x0f,
    /// <summary>Map at the given address, replacing what is there.</summary>
    Fixed = 0x10,
    /// <summary>Backed by no file.</summary>
    Anonymous = 0x20,
    /// <summary>Only addresses below 2 GiB.</summary>
    Low32Bit = 0x40,
    /// <summary>A stack-like segment that grows down.</summary>
    GrowsDown = 0x0100,
    /// <summary>Ignored by Linux, and so here.</summary>
    DenyWrite = 0x0800,
    /// <summary>Ignored by Linux, and so here.</summary>
    Executable = 0x1000,
    /// <summary>Pages are locked.</summary>
    Locked = 0x2000,
    /// <summary>No commit charge in overcommit modes 0 and 1.</summary>
    NoReserve = 0x4000,
    /// <summary>Fault the pages in at once.</summary>
    Populate = 0x8000,
    /// <summary>With Populate: do not block on I/O.</summary>
    NonBlock = 0x10000,
    /// <summary>Suits a stack; no effect on x86.</summary>
    Stack = 0x20000,
    /// <summary>Huge pages.</summary>
    HugeTlb = 0x40000,
    /// <summary>DAX only.</summary>
    Sync = 0x80000,
    /// <summary>Like Fixed, but EEXIST where something is mapped.</summary>
    FixedNoReplace = 0x100000,
}

/// <summary>The flags of clone that matter to memory management.</summary>
/// <remarks>Linux: include/uapi/linux/sched.h, v6.18.</remarks>
[Flags]
public enum CloneFlags : ulong
{
    /// <summary>A copy of everything, as fork makes it.</summary>
    None = 0,
    /// <summary>Share the address space.</summary>
    Vm = 0x00000100,
    /// <summary>Share the table of descriptors.</summary>
    Files = 0x00000400,
    /// <summary>Share what is done about signals.</summary>
    SigHand = 0x00000800,
    /// <summary>The parent waits until the child exits or execs.</summary>
    VFork = 0x00004000,
    /// <summary>The child is a sibling: its parent is the caller's.</summary>
    Parent = 0x00008000,
    /// <summary>Same thread group.</summary>
    Thread = 0x00010000,
    /// <summary>Write the child's tid to the parent's memory.</summary>
    ParentSetTid = 0x00100000,
    /// <summary>Write 0 to the child's memory when it ends, and wake who waits for that.</summary>
    ChildClearTid = 0x00200000,
    /// <summary>Write the child's tid to its memory.</summary>
    ChildSetTid = 0x01000000,
    /// <summary>The child's signals have their default action, unless they are ignored; of clone3 alone.</summary>
    ClearSigHand = 0x1_0000_0000,
}
