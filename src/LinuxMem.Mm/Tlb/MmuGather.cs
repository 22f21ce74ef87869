using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Tlb;

/// <summary>
/// Frames that were unmapped and wait until no TLB can name them any more: collected while page tables change, parked
/// until every CPU concerned has carried out its invalidation, then freed.
/// </summary>
/// <remarks>
/// Linux: include/asm-generic/tlb.h: struct mmu_gather, v6.18. Linux waits for the interrupted CPUs only and lets idle
/// address spaces' stale entries be (their generation makes them unusable); here a frame is not freed while any TLB at
/// all may name it (invariant I17).
/// </remarks>
public sealed class MmuGather
{
    /// <summary>Number of the batch, from 0; reused.</summary>
    public required int Id { get; init; }

    /// <summary>The CPU that unmapped: to its lists the frames go.</summary>
    public int Cpu { get; set; }

    /// <summary>The address space concerned.</summary>
    public int MmId { get; set; }

    /// <summary>The change of that address space that the batch belongs to.</summary>
    public long TlbGen { get; set; }

    /// <summary>Data frames to free; each has the place Isolated and one reference.</summary>
    public List<Pfn> Frames { get; } = [];

    /// <summary>Page-table frames to free.</summary>
    public List<Pfn> Tables { get; } = [];

    /// <summary>First page whose translation changed.</summary>
    public ulong FirstVpn { get; private set; } = ulong.MaxValue;

    /// <summary>Last page whose translation changed.</summary>
    public ulong LastVpn { get; private set; }

    /// <summary>CPUs that must enter the kernel before it is known when they will have invalidated.</summary>
    public int CpusUnknown { get; set; }

    /// <summary>The moment of the change.</summary>
    public long SentNs { get; set; }

    /// <summary>The latest moment at which a CPU that is known invalidates.</summary>
    public long LatestNs { get; set; }

    /// <summary>Until when a CPU that runs the address space may use its frames, by what its TLB has of them.</summary>
    public long InUseUntilNs { get; set; }

    /// <summary>Whether any translation changed.</summary>
    public bool HasRange => FirstVpn <= LastVpn;

    /// <summary>Whether any frame waits.</summary>
    public bool HasFrames => Frames.Count > 0 || Tables.Count > 0;

    /// <summary>Pages from the first to the last changed translation.</summary>
    public ulong SpanPages => HasRange ? LastVpn - FirstVpn + 1 : 0;

    /// <summary>Notes that a page's translation was taken away or narrowed.</summary>
    public void Touch(ulong vpn)
    {
        FirstVpn = Math.Min(FirstVpn, vpn);
        LastVpn = Math.Max(LastVpn, vpn);
    }

    /// <summary>Empties it for another use.</summary>
    public void Reset()
    {
        Frames.Clear();
        Tables.Clear();
        FirstVpn = ulong.MaxValue;
        LastVpn = 0;
        CpusUnknown = 0;
        LatestNs = 0;
        InUseUntilNs = 0;
        MmId = 0;
        TlbGen = 0;
    }
}
