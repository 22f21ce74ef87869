namespace LinuxMem.Audit.Oracle;

/// <summary>A mapped range of an address space.</summary>
/// <param name="Start">The first address.</param>
/// <param name="End">One past the last address.</param>
/// <param name="Shared">Whether stores go to the object.</param>
/// <param name="Object">The object; null for private anonymous memory.</param>
/// <param name="FirstIndex">The object's page at <paramref name="Start"/>.</param>
/// <param name="Vanishes">Whether any of its pages may become zeros at any time.</param>
internal readonly record struct Region(
    ulong Start, ulong End, bool Shared, ObjectContents? Object, ulong FirstIndex, bool Vanishes = false)
{
    /// <summary>The part from <paramref name="start"/> to <paramref name="end"/>, which lie inside.</summary>
    public Region Part(ulong start, ulong end, int pageShift) =>
        this with { Start = start, End = end, FirstIndex = FirstIndex + ((start - Start) >> pageShift) };
}
