namespace LinuxMem.Workloads.Lackey;

/// <summary>A range of logged addresses and what is added to them; dropped ones belong to valgrind itself.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address behind the last.</param>
/// <param name="Delta">What is added, modulo 2^64.</param>
/// <param name="IsDropped">Whether nothing of it is there without valgrind.</param>
internal readonly record struct MappedRange(ulong Start, ulong End, ulong Delta, bool IsDropped)
{
    internal bool Contains(ulong va) => va - Start < End - Start;
}

/// <summary>Where the simulated machine has what the log has elsewhere: disjoint ranges in order.</summary>
internal sealed class AddressMap
{
    private readonly List<MappedRange> ranges;

    internal AddressMap() => ranges = [];

    private AddressMap(List<MappedRange> ranges) => this.ranges = ranges;

    /// <summary>The map of a forked child.</summary>
    internal AddressMap Copy() => new([.. ranges]);

    /// <summary>Sets a range, in place of what was known of it.</summary>
    internal void Set(ulong start, ulong end, ulong to, bool isDropped = false)
    {
        if (start >= end)
            return;
        Remove(start, end);
        ranges.Insert(IndexOf(start), new MappedRange(start, end, unchecked(to - start), isDropped));
    }

    /// <summary>Forgets a range.</summary>
    internal void Remove(ulong start, ulong end)
    {
        int at = IndexOf(start);
        while (at < ranges.Count && ranges[at].Start < end)
        {
            MappedRange range = ranges[at];
            ranges.RemoveAt(at);
            if (range.Start < start)
                ranges.Insert(at++, range with { End = start });
            if (range.End > end)
                ranges.Insert(at++, range with { Start = end });
        }
    }

    /// <summary>The range of an address; false if nothing is known of it.</summary>
    internal bool TryFind(ulong va, out MappedRange range)
    {
        int at = IndexOf(va);
        bool found = at < ranges.Count && ranges[at].Start <= va;
        range = found ? ranges[at] : default;
        return found;
    }

    // The first range that ends beyond an address.
    private int IndexOf(ulong va)
    {
        int low = 0;
        int high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (ranges[middle].End > va)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
