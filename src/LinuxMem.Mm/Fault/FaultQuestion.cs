using LinuxMem.Mm.Filemap;

namespace LinuxMem.Mm.Fault;

/// <summary>
/// What the fault that is being served asks of the page cache. Kept here, and not in <see cref="FaultOutcome"/>, which
/// most faults, who ask nothing, would have to carry it in.
/// </summary>
public sealed class FaultQuestion
{
    private PageLookup lookup;

    /// <summary>The last look-up asked for.</summary>
    public ref readonly PageLookup Lookup => ref lookup;

    /// <summary>The fault needs pages before it can go on.</summary>
    public FaultOutcome Ask(in PageLookup wanted)
    {
        lookup = wanted;
        return new FaultOutcome(FaultKind.NeedsPages);
    }
}
