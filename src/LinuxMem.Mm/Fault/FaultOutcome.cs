using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Fault;

/// <summary>What came of a page fault.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Signal">The signal to send, or None.</param>
/// <param name="Code">The signal's code.</param>
/// <param name="Lookup">With NeedsPages: what to look up before the fault is tried again.</param>
/// <param name="IsMajor">Whether it read from a disk.</param>
/// <param name="WaitFor">With WaitsForPage: the frame whose I/O has to be over before the fault is tried again.</param>
/// <param name="IsReread">
/// Whether the page was cached but had to be read, so that the fault was tried again: major where the kernel itself
/// made the access (FAULT_FLAG_TRIED), minor where a program did, whose second try is the first with mmap_lock.
/// </param>
public readonly record struct FaultOutcome(
    FaultKind Kind, Signal Signal = Signal.None, SignalCode Code = default, PageLookup Lookup = default,
    bool IsMajor = false, Pfn WaitFor = default, bool IsReread = false)
{
    /// <summary>A wait for the I/O of a frame, which the fault itself has started or not.</summary>
    public static FaultOutcome Waits(Pfn page, bool started) =>
        new(FaultKind.WaitsForPage, IsMajor: started, WaitFor: page);

    /// <summary>SIGSEGV for an address outside every VMA.</summary>
    public static FaultOutcome MapErr { get; } = new(FaultKind.SegvMapErr, Signal.SigSegv, SignalCode.SegvMapErr);

    /// <summary>SIGSEGV for an access that the VMA does not allow.</summary>
    public static FaultOutcome AccErr { get; } = new(FaultKind.SegvAccErr, Signal.SigSegv, SignalCode.SegvAccErr);

    /// <summary>SIGBUS for a page beyond the end of its object.</summary>
    public static FaultOutcome BusAdrErr { get; } = new(FaultKind.BusAdrErr, Signal.SigBus, SignalCode.BusAdrErr);

    /// <summary>No frame could be had.</summary>
    public static FaultOutcome OutOfMemory { get; } = new(FaultKind.OutOfMemory);
}
