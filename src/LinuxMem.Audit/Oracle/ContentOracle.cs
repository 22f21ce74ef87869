using System.Globalization;

namespace LinuxMem.Audit.Oracle;

/// <summary>
/// Says what every load must observe (I37), and that nobody reads what was not given to him (I40), by keeping the
/// contents of every address space the naive way: fork copies all of them, at once and deeply. Knows nothing of
/// frames, page tables or copy-on-write.
/// </summary>
/// <remarks>
/// It is fed with what system calls mean, in the order in which the kernel carries them out, and with stores and
/// loads in the order in which they reach memory. A unit that was never stored reads as zero; a file's is unknown
/// until it is stored through a shared mapping, and loads of it are not judged. A private mapping sees the object
/// until its first store to a page, which copies it. Does not verify rights: a store that the kernel lets through is
/// a store.
/// </remarks>
public sealed partial class ContentOracle
{
    private readonly int pageShift;
    private readonly int unitShift;
    private readonly Dictionary<int, ObjectContents> objects = [];
    private readonly List<Region> removedRegions = [];
    private readonly List<KeyValuePair<ulong, ulong>> removedValues = [];
    private SpaceContents?[] spaces = new SpaceContents?[64];

    /// <summary>An oracle that knows no address space.</summary>
    /// <param name="pageShift">log2 of the page size in bytes.</param>
    /// <param name="unitShift">
    /// log2 of the bytes that have one value: <paramref name="pageShift"/> where a page holds one tag, 3 for 64-bit
    /// words.
    /// </param>
    public ContentOracle(int pageShift, int unitShift)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unitShift, pageShift);
        ArgumentOutOfRangeException.ThrowIfNegative(unitShift);
        this.pageShift = pageShift;
        this.unitShift = unitShift;
    }

    internal ReadOnlySpan<SpaceContents?> Spaces => spaces;

    internal IReadOnlyDictionary<int, ObjectContents> Objects => objects;

    /// <summary>Stores taken in.</summary>
    public long Stores { get; private set; }

    /// <summary>Loads compared with a known value.</summary>
    public long LoadsJudged { get; private set; }

    /// <summary>Loads whose value nobody can know, since a file's own contents were read.</summary>
    public long LoadsNotJudged { get; private set; }

    /// <summary>
    /// Memory was mapped, in place of what was there. A VMA that grows (brk, stack) maps the new part.
    /// </summary>
    /// <param name="mmId">The address space; above 0.</param>
    /// <param name="start">The first address, on a page boundary.</param>
    /// <param name="end">One past the last address, on a page boundary.</param>
    /// <param name="shared">Whether stores go to the object.</param>
    /// <param name="objectId">
    /// The shared memory object; 0 for private anonymous memory. Numbers are never used again.
    /// </param>
    /// <param name="firstIndex">The object's page at <paramref name="start"/>.</param>
    public void Map(int mmId, ulong start, ulong end, bool shared, int objectId, ulong firstIndex)
    {
        if (shared && objectId == 0)
            throw new ArgumentException("shared memory is of an object", nameof(objectId));
        Place(mmId, start, end, shared, objectId == 0 ? null : ObjectOf(objectId, isFile: false), firstIndex);
    }

    /// <summary>A file was mapped, in place of what was there. Parameters as for <see cref="Map"/>.</summary>
    public void MapFile(int mmId, ulong start, ulong end, bool shared, int objectId, ulong firstIndex) =>
        Place(mmId, start, end, shared, ObjectOf(objectId, isFile: true), firstIndex);

    /// <summary>A range was unmapped; parts of it need not have been mapped.</summary>
    public void Unmap(int mmId, ulong start, ulong end)
    {
        SpaceContents space = SpaceOf(mmId);
        Take(space, start, end, values: null);
        ForgetUnmapped();
    }

    /// <summary>A process was forked: the child has a copy of everything private, and shares what is shared.</summary>
    public void Fork(int parentMmId, int childMmId)
    {
        SpaceContents copy = SpaceOf(parentMmId).Clone();
        SpaceOf(childMmId);
        spaces[childMmId] = copy;
    }

    /// <summary>An address space ended.</summary>
    public void Exit(int mmId)
    {
        SpaceContents space = SpaceOf(mmId);
        space.Regions.Remove(0, ulong.MaxValue, removedRegions);
        spaces[mmId] = null;
        ForgetUnmapped();
    }

    /// <summary>
    /// Pages were moved to another place (mremap), in place of what was there; the old range is unmapped.
    /// </summary>
    /// <param name="mmId">The address space.</param>
    /// <param name="oldStart">The first address before.</param>
    /// <param name="newStart">The first address after.</param>
    /// <param name="length">Bytes, a whole number of pages. The two ranges do not overlap.</param>
    public void Move(int mmId, ulong oldStart, ulong newStart, ulong length)
    {
        SpaceContents space = SpaceOf(mmId);
        Take(space, newStart, newStart + length, values: null);
        int first = removedRegions.Count;
        removedValues.Clear();
        Take(space, oldStart, oldStart + length, removedValues);
        ulong shift = newStart - oldStart;
        for (int i = first; i < removedRegions.Count; i++)
        {
            Region region = removedRegions[i];
            space.Regions.Insert(region with { Start = region.Start + shift, End = region.End + shift });
        }

        foreach (KeyValuePair<ulong, ulong> value in removedValues)
            space.Values.Set(value.Key + Divided(shift, unitShift), value.Value);
        MoveMarks(space.CopiedPages, oldStart, length, shift, pageShift);
        MoveMarks(space.Vanishing, oldStart, length, shift, pageShift);
        MoveMarks(space.Kept, oldStart, length, shift, unitShift);
        ForgetUnmapped();
    }

    /// <summary>A store reached memory. Returns the text of a violation, or null.</summary>
    /// <param name="mmId">The address space.</param>
    /// <param name="va">Any address in the unit.</param>
    /// <param name="value">The unit's value from now on.</param>
    public string? Store(int mmId, ulong va, ulong value)
    {
        SpaceContents space = SpaceOf(mmId);
        int at = space.Regions.Find(va);
        if (at < 0)
            return Text($"I37 violated: mm {mmId} stores 0x{value:x} to va 0x{va:x}, where nothing is mapped");
        Stores++;
        ref readonly Region region = ref space.Regions.Items[at];
        if (region.Shared)
        {
            region.Object!.Values.Set(UnitInObject(in region, va), value);
            return null;
        }

        if (region.Object != null)
            CopyPage(space, in region, va);
        if (space.Vanishing.Count > 0)
            KeepUnit(space, va);
        space.Values.Set(va >> unitShift, value);
        return null;
    }

    /// <summary>
    /// A store reached memory of which nobody can say whether it is the object's any more: what the unit holds, and
    /// what of the object was never stored, is not known from now on. Of private memory the caller keeps track.
    /// </summary>
    public void Doubt(int mmId, ulong va)
    {
        SpaceContents space = SpaceOf(mmId);
        int at = space.Regions.Find(va);
        if (at < 0 || !space.Regions.Items[at].Shared)
            return;
        ref readonly Region region = ref space.Regions.Items[at];
        ulong unit = UnitInObject(in region, va);
        region.Object!.Doubt(unit);
    }

    /// <summary>The same of a unit of an object, by any byte of it.</summary>
    public void DoubtObject(int objectId, ulong offset)
    {
        if (!objects.TryGetValue(objectId, out ObjectContents? contents))
            return;
        contents.Doubt(offset >> unitShift);
    }

    /// <summary>Adds the parts of a range that share an object, and where in the object each begins, in bytes.
    /// </summary>
    public void ListShared(
        int mmId, ulong start, ulong end, List<(ulong Start, ulong End, int ObjectId, ulong Offset)> into)
    {
        foreach (Region region in SpaceOf(mmId).Regions.Items)
        {
            ulong from = Math.Max(start, region.Start);
            ulong to = Math.Min(end, region.End);
            if (region is { Shared: true, Object: { } contents } && from < to)
                into.Add((from, to, contents.Id, (region.FirstIndex << pageShift) + (from - region.Start)));
        }
    }

    /// <summary>
    /// A page of a private mapping got a copy of its own; a store to it may follow. False if it had one, or if no
    /// object is mapped there.
    /// </summary>
    public bool Copy(int mmId, ulong va)
    {
        SpaceContents space = SpaceOf(mmId);
        int at = space.Regions.Find(va);
        return at >= 0 && space.Regions.Items[at] is { Shared: false, Object: not null }
            && CopyPage(space, in space.Regions.Items[at], va);
    }

    /// <summary>Adds the ranges that map pages of an object from one index on, up to and without another.</summary>
    public void ListMappings(int objectId, ulong first, ulong end, List<(int MmId, ulong Start, ulong End)> into)
    {
        for (int mm = 0; mm < spaces.Length; mm++)
        {
            if (spaces[mm] is not { } space)
                continue;
            foreach (Region region in space.Regions.Items)
            {
                if (region.Object?.Id != objectId)
                    continue;
                ulong from = Math.Max(first, region.FirstIndex);
                ulong to = Math.Min(end, region.FirstIndex + ((region.End - region.Start) >> pageShift));
                if (from < to)
                {
                    into.Add((mm, region.Start + ((from - region.FirstIndex) << pageShift),
                        region.Start + ((to - region.FirstIndex) << pageShift)));
                }
            }
        }
    }

    /// <summary>A load observed a value. Returns the text of a violation, or null.</summary>
    /// <param name="mmId">The address space.</param>
    /// <param name="va">Any address in the unit.</param>
    /// <param name="observed">The unit's value, as the machine gave it to the program.</param>
    public string? Load(int mmId, ulong va, ulong observed)
    {
        SpaceContents space = SpaceOf(mmId);
        int at = space.Regions.Find(va);
        if (at < 0)
            return Text($"I37 violated: mm {mmId} loads 0x{observed:x} from va 0x{va:x}, where nothing is mapped");
        ref readonly Region region = ref space.Regions.Items[at];
        bool known = Expected(space, in region, va, out ulong expected, out bool stored);
        if (!known)
        {
            LoadsNotJudged++;
            return null;
        }

        LoadsJudged++;
        HasVanished = false;
        if (observed == expected)
        {
            if (expected != 0 && space.Vanishing.Count > 0)
                NoteOldValue(space, va);
            return null;
        }

        if (observed == 0 && TryVanish(space, in region, va))
            return null;
        return stored
            ? Text($"I37 violated: mm {mmId} loads 0x{observed:x} from va 0x{va:x}, where 0x{expected:x} was stored")
            : Text($"I40 violated: mm {mmId} loads 0x{observed:x} from va 0x{va:x}, where it was given zeros");
    }

    private bool Expected(SpaceContents space, in Region region, ulong va, out ulong value, out bool stored)
    {
        stored = false;
        if (!region.Shared)
        {
            stored = space.Values.TryGet(va >> unitShift, out value);
            if (stored || region.Object == null)
                return true;
            if (space.CopiedPages.TryGet(va >> pageShift, out _))
                return !region.Object.IsFile;
        }

        ulong unit = UnitInObject(in region, va);
        stored = region.Object!.Values.TryGet(unit, out value);
        return stored || region.Object.TryGet(unit, out _);
    }

    private bool CopyPage(SpaceContents space, in Region region, ulong va)
    {
        ulong page = va >> pageShift;
        if (space.CopiedPages.TryGet(page, out _))
            return false;
        space.CopiedPages.Set(page, 1);
        ulong firstUnit = page << (pageShift - unitShift);
        ulong inObject = UnitInObject(in region, page << pageShift);
        for (ulong i = 0; i < 1UL << (pageShift - unitShift); i++)
        {
            ObjectContents from = region.Object!;
            if (from.IsFile ? from.TryGet(inObject + i, out ulong value) : from.Values.TryGet(inObject + i, out value))
                space.Values.Set(firstUnit + i, value);
        }

        return true;
    }

    private void MoveMarks(UnitMap marks, ulong oldStart, ulong length, ulong shift, int markShift)
    {
        removedValues.Clear();
        marks.RemoveRange(oldStart >> markShift, (oldStart + length) >> markShift, removedValues);
        foreach (KeyValuePair<ulong, ulong> mark in removedValues)
            marks.Set(mark.Key + Divided(shift, markShift), mark.Value);
    }

    private void Place(int mmId, ulong start, ulong end, bool shared, ObjectContents? contents, ulong firstIndex)
    {
        SpaceContents space = SpaceOf(mmId);
        Take(space, start, end, values: null);
        space.Regions.Insert(new Region(start, end, shared, contents, firstIndex));
        ForgetUnmapped();
    }

    /// <summary>
    /// Takes regions and private values out. The marks of copied pages stay if the values are wanted elsewhere.
    /// </summary>
    private void Take(SpaceContents space, ulong start, ulong end, List<KeyValuePair<ulong, ulong>>? values)
    {
        space.Regions.Remove(start, end, removedRegions);
        space.Values.RemoveRange(start >> unitShift, end >> unitShift, values);
        if (values != null)
            return;
        space.CopiedPages.RemoveRange(start >> pageShift, end >> pageShift);
        space.Vanishing.RemoveRange(start >> pageShift, end >> pageShift);
        space.Kept.RemoveRange(start >> unitShift, end >> unitShift);
    }

    private void ForgetUnmapped()
    {
        removedRegions.Clear();
    }

    private ObjectContents ObjectOf(int objectId, bool isFile)
    {
        if (!objects.TryGetValue(objectId, out ObjectContents? contents))
        {
            contents = new ObjectContents(objectId, isFile);
            objects.Add(objectId, contents);
        }

        return contents;
    }

    private SpaceContents SpaceOf(int mmId)
    {
        if ((uint)mmId >= (uint)spaces.Length)
            Array.Resize(ref spaces, Math.Max(mmId + 1, spaces.Length * 2));
        return spaces[mmId] ??= new SpaceContents(pageShift);
    }

    private ulong UnitInObject(in Region region, ulong va) =>
        (region.FirstIndex << (pageShift - unitShift)) + ((va - region.Start) >> unitShift);

    /// <summary>
    /// A distance divided by a power of two; distances down are big numbers, of which the sign must be kept.
    /// </summary>
    private static ulong Divided(ulong distance, int shift) => (ulong)((long)distance >> shift);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
