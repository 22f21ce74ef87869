using System.Runtime.CompilerServices;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// Where a page was last found in the first-level TLBs: a direct-mapped table of slots, by a hash of the page. A hint
/// may be wrong (the slot's tag says so) and then the set is searched; so hints decide about speed alone. They spare
/// the hot loop the search over the ways, whose outcome the host's branch predictor cannot guess: 2 ns an access where
/// a search costs 8.
/// </summary>
internal sealed unsafe class SlotHints : IDisposable
{
    /// <summary>The most slots that hints can name.</summary>
    public const int SlotCountMax = 1 << 16;

    private const int Bits = 11;
    private const int CountPerSide = 1 << Bits;

    private readonly HostPart memory;

    /// <summary>Hints that all name the first slot of their side.</summary>
    /// <param name="ram">Lends the memory.</param>
    /// <param name="firstCodeSlot">The first slot of the code TLB; the data TLB starts at slot 0.</param>
    public SlotHints(PhysicalMemory ram, int firstCodeSlot)
    {
        memory = ram.Lend(2 * CountPerSide * sizeof(ushort));
        Slots = (ushort*)memory.Base;
        new Span<ushort>(Slots + CountPerSide, CountPerSide).Fill((ushort)firstCodeSlot);
    }

    /// <summary>Slots of the data TLB in the first half, of the code TLB in the second.</summary>
    public ushort* Slots { get; }

    /// <summary>The place of an access in the table. Two pages 8 MiB apart are as far from each other as any
    /// two.</summary>
    /// <param name="access">The access in the form of <see cref="Abi.ScatterEntry"/>: bit 63 says that it is a
    /// fetch.</param>
    /// <param name="pageShift">log2 of the page size.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint IndexOf(ulong access, int pageShift)
    {
        ulong page = access >> pageShift;
        return (nuint)(((page ^ (page >> Bits)) & (CountPerSide - 1)) | ((access >> (63 - Bits)) & CountPerSide));
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
