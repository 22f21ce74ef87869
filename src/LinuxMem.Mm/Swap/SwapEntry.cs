namespace LinuxMem.Mm.Swap;

/// <summary>Where a page lies in swap.</summary>
/// <remarks>Linux: include/linux/swapops.h: swp_entry_t, v6.18.</remarks>
/// <param name="Area">Number of the area, from 0.</param>
/// <param name="Slot">The page in it; 0, the header, is no page's.</param>
public readonly record struct SwapEntry(int Area, uint Slot)
{
    /// <summary>No entry.</summary>
    public static SwapEntry None => default;

    /// <summary>Whether it is no entry.</summary>
    public bool IsNone => Slot == 0;
}
