using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Fault;

/// <summary>What came of a page fault. Small enough for a register, since every fault passes it up.</summary>
/// <param name="Kind">What was done; with NeedsPages, <see cref="PageFaultHandler.Lookup"/> says what is asked.</param>
/// <param name="IsMajor">Whether it read from a disk.</param>
/// <param name="WaitFor">
/// With WaitsForPage: the frame whose I/O has to be over before the fault is tried again; with OutOfMemory: the frame
/// that it wanted to copy, or none.
/// </param>
/// <param name="IsReread">
/// Whether the page was cached but had to be read, so that the fault was tried again: major where the kernel itself
/// made the access (FAULT_FLAG_TRIED), minor where a program did, whose second try is the first with mmap_lock.
/// </param>
/// <param name="IsProtected">With Userfault: whether the page is there, and write-protected.</param>
public readonly record struct FaultOutcome(
    FaultKind Kind, bool IsMajor = false, Pfn WaitFor = default, bool IsReread = false,
    bool IsProtected = false)
{
    /// <summary>The signal to send, or None.</summary>
    public Signal Signal => Kind switch
    {
        FaultKind.SegvMapErr or FaultKind.SegvAccErr => Signal.SigSegv,
        FaultKind.BusAdrErr or FaultKind.HwPoison => Signal.SigBus,
        _ => Signal.None,
    };

    /// <summary>The signal's code.</summary>
    public SignalCode Code => Kind switch
    {
        FaultKind.SegvMapErr => SignalCode.SegvMapErr,
        FaultKind.SegvAccErr => SignalCode.SegvAccErr,
        FaultKind.BusAdrErr => SignalCode.BusAdrErr,
        FaultKind.HwPoison => SignalCode.BusMceErrAr,
        _ => default,
    };

    /// <summary>A wait for the I/O of a frame, which the fault itself has started or not.</summary>
    public static FaultOutcome Waits(Pfn page, bool started) =>
        new(FaultKind.WaitsForPage, IsMajor: started, WaitFor: page);

    /// <summary>SIGSEGV for an address outside every VMA.</summary>
    public static FaultOutcome MapErr => new(FaultKind.SegvMapErr);

    /// <summary>SIGSEGV for an access that the VMA does not allow.</summary>
    public static FaultOutcome AccErr => new(FaultKind.SegvAccErr);

    /// <summary>SIGBUS for a page beyond the end of its object.</summary>
    public static FaultOutcome BusAdrErr => new(FaultKind.BusAdrErr);

    /// <summary>No frame could be had.</summary>
    public static FaultOutcome OutOfMemory => new(FaultKind.OutOfMemory);

    /// <summary>
    /// No frame could be had for a copy of a page, which is to stay in memory until there is one: or who waits would
    /// take it away himself, and bring it back, for ever.
    /// </summary>
    /// <remarks>Linux: mm/memory.c: wp_page_copy (folio_get), do_cow_fault, v6.18.</remarks>
    public static FaultOutcome NoMemoryFor(Pfn page) => new(FaultKind.OutOfMemory, WaitFor: page);
}
