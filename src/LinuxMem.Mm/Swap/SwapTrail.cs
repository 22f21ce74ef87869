using System.Numerics;

namespace LinuxMem.Mm.Swap;

/// <summary>Where somebody read from swap last, how much was read with that, and how much of it was used.</summary>
/// <remarks>Linux: mm/swap_state.c: __swapin_nr_pages, SWAP_RA_VAL, v6.18.</remarks>
/// <param name="At">The place, counted in pages: of a slot in its area, or of an address.</param>
/// <param name="Pages">Pages that were read, that at the place included; 0 if there were none.</param>
/// <param name="Hits">Pages that were read along and used.</param>
internal readonly record struct SwapTrail(ulong At, int Pages, int Hits)
{
    // What the bits have room for that Linux keeps it in.
    private const int HitsMax = 63;

    /// <summary>Nothing was read yet: four are tried.</summary>
    public static SwapTrail Fresh => new(0, 0, 4);

    /// <summary>A page was found where it had been read along, or (<paramref name="wasAhead"/> false) was waited for.
    /// </summary>
    public SwapTrail Found(ulong at, bool wasAhead) =>
        new(at, Pages, wasAhead ? Math.Min(Hits + 1, HitsMax) : Hits);

    /// <summary>Pages to read for one place, at most so many: a power of two.</summary>
    public int WindowFor(ulong at, int most)
    {
        if (most <= 1)
            return 1;
        int pages = Hits + 2;
        // Nothing that was read ahead was used: only neighbours of the last one make it worth trying.
        if (pages == 2)
            pages = at == At + 1 || at == At - 1 ? 2 : 1;
        else
            pages = Math.Max(4, (int)BitOperations.RoundUpToPowerOf2((uint)pages));
        return Math.Max(Math.Min(pages, most), Pages / 2);
    }
}
