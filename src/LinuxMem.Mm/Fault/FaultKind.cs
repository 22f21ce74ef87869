namespace LinuxMem.Mm.Fault;

/// <summary>What was done about a page fault.</summary>
public enum FaultKind : byte
{
    /// <summary>A zeroed frame for a store to fresh anonymous memory.</summary>
    AnonZeroFill,

    /// <summary>The zero page, for a load of fresh anonymous memory.</summary>
    ZeroPageRead,

    /// <summary>A zeroed frame in place of the zero page, at the first store.</summary>
    ZeroPageCow,

    /// <summary>A copy of a page that others have too.</summary>
    CowCopy,

    /// <summary>The right to write a page that nobody else has any more.</summary>
    CowReuse,

    /// <summary>Pages of a file or shared object, for a load or fetch; neighbours are mapped along.</summary>
    FileRead,

    /// <summary>A private copy of a file's page, for a store.</summary>
    FileCow,

    /// <summary>A page of a shared object, for a store.</summary>
    FileSharedWrite,

    /// <summary>The right to write a shared page.</summary>
    SharedWriteNotify,

    /// <summary>Only the accessed or dirty bit was missing (machines whose MMU does not set them).</summary>
    AccessedDirty,

    /// <summary>Nothing was wrong any more: another task of the process had been there first.</summary>
    Spurious,

    /// <summary>SIGSEGV: no VMA.</summary>
    SegvMapErr,

    /// <summary>SIGSEGV: a VMA without the right.</summary>
    SegvAccErr,

    /// <summary>SIGBUS: beyond the end of the object.</summary>
    BusAdrErr,

    /// <summary>Memory is out.</summary>
    OutOfMemory,

    /// <summary>A page that was in swap.</summary>
    SwapIn,

    /// <summary>Pages of the page cache are needed first.</summary>
    NeedsPages,

    /// <summary>A disk has to be waited for; then the fault is tried again.</summary>
    WaitsForPage,

    /// <summary>SIGBUS: the frame of the page had a memory error.</summary>
    HwPoison,

    /// <summary>Another task supplies the page (userfaultfd); then the fault is tried again.</summary>
    Userfault,

    /// <summary>The same, of a page that is in the page cache already.</summary>
    UserfaultMinor,

    /// <summary>mmap_lock has to be waited for, asleep; then the fault is tried again.</summary>
    WaitsForLock,
}
