
namespace LinuxMem.Audit.Oracle;

/// <content>What files and shared memory hold.</content>
public sealed partial class ContentOracle
{
    /// <summary>A call wrote to an object: a unit of it has a value, for all who have no copy of its page.</summary>
    /// <param name="objectId">The object.</param>
    /// <param name="isFile">Whether it is a file rather than shared memory.</param>
    /// <param name="offset">Any byte of the unit, from the object's start.</param>
    /// <param name="value">The unit's value.</param>
    public void StoreToObject(int objectId, bool isFile, ulong offset, ulong value) =>
        ObjectOf(objectId, isFile).Values.Set(offset >> unitShift, value);

    /// <summary>A call read a unit of an object. Returns the text of a violation, or null.</summary>
    /// <param name="objectId">The object.</param>
    /// <param name="offset">The first byte of the unit, from the object's start.</param>
    /// <param name="observed">What the machine gave for it.</param>
    public string? LoadFromObject(int objectId, ulong offset, ulong observed)
    {
        if (!objects.TryGetValue(objectId, out ObjectContents? contents)
            || !contents.TryGet(offset >> unitShift, out ulong expected))
            return null;
        LoadsJudged++;
        return observed == expected ? null
            : Text(
                $"I37 violated: a call reads 0x{observed:x} at 0x{offset:x} of object {objectId}, not 0x{expected:x}");
    }

    /// <summary>
    /// Pages of an object are gone, from one index on, up to and without another: shared memory begins with zeros
    /// there, a file's contents are not known unless it has a hole there. Private copies stay, unless they go too.
    /// </summary>
    public void Cut(int objectId, ulong first, ulong end, bool copiesToo, bool isHole = false)
    {
        if (!objects.TryGetValue(objectId, out ObjectContents? contents))
            return;
        int unitsShift = pageShift - unitShift;
        ulong last = end >= ulong.MaxValue >> unitsShift ? ulong.MaxValue : end << unitsShift;
        contents.Values.RemoveRange(first << unitsShift, last);
        contents.ForgetHoles(first << unitsShift, last);
        if (isHole)
            contents.AddHole(first << unitsShift, last);
        if (first == 0 && end == ulong.MaxValue && contents.Mappings == 0)
            objects.Remove(objectId);
        if (!copiesToo)
            return;
        foreach (SpaceContents? space in spaces)
        {
            if (space is null)
                continue;
            foreach (Region region in space.Regions.Items)
            {
                if (region.Object != contents || region.Shared)
                    continue;
                ulong from = Math.Max(first, region.FirstIndex);
                ulong to = Math.Min(end, region.FirstIndex + ((region.End - region.Start) >> pageShift));
                if (from >= to)
                    continue;
                ulong start = region.Start + ((from - region.FirstIndex) << pageShift);
                ulong stop = region.Start + ((to - region.FirstIndex) << pageShift);
                space.Values.RemoveRange(start >> unitShift, stop >> unitShift);
                space.CopiedPages.RemoveRange(start >> pageShift, stop >> pageShift);
            }
        }
    }
}
