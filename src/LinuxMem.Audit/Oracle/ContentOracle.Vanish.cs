namespace LinuxMem.Audit.Oracle;

/// <content>Memory that its owner lets the kernel take away: MADV_FREE and MAP_DROPPABLE.</content>
/// <remarks>
/// What was freed reads as before or as zeros, a whole page at a time, until it is stored to; from then on the rest of
/// its page is one of the two, and stays so.
/// </remarks>
public sealed partial class ContentOracle
{
    private const ulong MayVanish = 1;
    private const ulong MayHaveVanished = 2;

    /// <summary>Whether the last load has shown that a page is gone.</summary>
    public bool HasVanished { get; private set; }

    /// <summary>
    /// The pages of a range of private anonymous memory may become zeros until they are stored to; or
    /// <paramref name="always"/>, for as long as they are mapped.
    /// </summary>
    public void Vanish(int mmId, ulong start, ulong end, bool always)
    {
        SpaceContents space = SpaceOf(mmId);
        if (always)
        {
            space.Regions.Remove(start, end, removedRegions);
            foreach (Region region in removedRegions)
                space.Regions.Insert(region with { Vanishes = true });
            removedRegions.Clear();
            return;
        }

        for (ulong page = start >> pageShift; page < end >> pageShift; page++)
            space.Vanishing.Set(page, MayVanish);
        space.Kept.RemoveRange(start >> unitShift, end >> unitShift);
    }

    // A store keeps its page; of what is beside it, nobody knows yet whether it was still there.
    private void KeepUnit(SpaceContents space, ulong va)
    {
        ulong page = va >> pageShift;
        if (!space.Vanishing.TryGet(page, out ulong state))
            return;
        if (unitShift == pageShift)
        {
            space.Vanishing.RemoveRange(page, page + 1);
            return;
        }

        if (state == MayVanish)
            space.Vanishing.Set(page, MayHaveVanished);
        space.Kept.Set(va >> unitShift, 1);
    }

    // An old value that is still there after a store: the page has not vanished.
    private void NoteOldValue(SpaceContents space, ulong va)
    {
        ulong page = va >> pageShift;
        if (space.Vanishing.TryGet(page, out ulong state) && state == MayHaveVanished
            && !space.Kept.TryGet(va >> unitShift, out _))
            Decide(space, page);
    }

    private bool TryVanish(SpaceContents space, in Region region, ulong va)
    {
        ulong page = va >> pageShift;
        ulong unit = va >> unitShift;
        if (region.Vanishes)
        {
            space.Values.RemoveRange(unit, unit + 1);
            return HasVanished = true;
        }

        if (!space.Vanishing.TryGet(page, out ulong state) || space.Kept.TryGet(unit, out _))
            return false;
        ulong first = page << (pageShift - unitShift);
        for (ulong other = first; other < first + (1UL << (pageShift - unitShift)); other++)
        {
            if (state == MayVanish || !space.Kept.TryGet(other, out _))
                space.Values.RemoveRange(other, other + 1);
        }

        Decide(space, page);
        return HasVanished = true;
    }

    /// <summary>Whether zeros may be at an address in place of what was stored.</summary>
    internal bool MayBeGone(SpaceContents space, ulong va)
    {
        int at = space.Regions.Find(va);
        return (at >= 0 && space.Regions.Items[at].Vanishes)
            || (space.Vanishing.TryGet(va >> pageShift, out _) && !space.Kept.TryGet(va >> unitShift, out _));
    }

    private void Decide(SpaceContents space, ulong page)
    {
        int units = pageShift - unitShift;
        space.Vanishing.RemoveRange(page, page + 1);
        space.Kept.RemoveRange(page << units, (page + 1) << units);
    }
}
