using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Fault;

/// <summary>A look-up in the page cache: which pages of a mapping are there.</summary>
/// <param name="Mapping">The file or shared object.</param>
/// <param name="First">Index of the first page asked for.</param>
/// <param name="Count">How many pages.</param>
public readonly record struct PageLookup(AddressSpace Mapping, uint First, int Count);

/// <summary>What came of a page fault.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Signal">The signal to send, or None.</param>
/// <param name="Code">The signal's code.</param>
/// <param name="Lookup">With NeedsPages: what to look up before the fault is tried again.</param>
public readonly record struct FaultOutcome(
    FaultKind Kind, Signal Signal = Signal.None, SignalCode Code = default, PageLookup Lookup = default)
{
    /// <summary>SIGSEGV for an address outside every VMA.</summary>
    public static FaultOutcome MapErr { get; } = new(FaultKind.SegvMapErr, Signal.SigSegv, SignalCode.SegvMapErr);

    /// <summary>SIGSEGV for an access that the VMA does not allow.</summary>
    public static FaultOutcome AccErr { get; } = new(FaultKind.SegvAccErr, Signal.SigSegv, SignalCode.SegvAccErr);

    /// <summary>No frame could be had.</summary>
    public static FaultOutcome OutOfMemory { get; } = new(FaultKind.OutOfMemory);
}
