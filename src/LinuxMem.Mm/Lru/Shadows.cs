using LinuxMem.Mm.Swap;

namespace LinuxMem.Mm.Lru;

/// <summary>What the replacement policy wants to be reminded of when a page comes back that had left.</summary>
/// <remarks>
/// Linux: mm/workingset.c: pack_shadow, count_shadow_nodes; mm/swap_table.h, v6.18: kept in the page cache and the swap
/// cache where the page was. Those of swap stay as long as its slots do; of those of files the oldest go when there are
/// too many.
/// </remarks>
public sealed class Shadows
{
    /// <summary>
    /// How many there may be for each frame: a node of 64 for every 8 frames (max_nodes of count_shadow_nodes).
    /// </summary>
    public const int OfAFrame = 8;

    private readonly Dictionary<SwapEntry, ulong> swapped = [];
    private readonly Dictionary<(int Owner, ulong Index), (ulong Shadow, long Number)> shadows = [];
    private readonly Queue<((int Owner, ulong Index) Key, long Number)> order = new();
    private readonly long most;
    private long numbered;

    /// <summary>Room for so many of files.</summary>
    public Shadows(long most) => this.most = most;

    /// <summary>How many of files there are.</summary>
    public int Count => shadows.Count;

    /// <summary>A page of an object has left.</summary>
    public void Put(int mapping, uint index, ulong shadow)
    {
        if (shadow == 0)
            return;
        var key = (mapping, (ulong)index);
        shadows[key] = (shadow, ++numbered);
        order.Enqueue((key, numbered));
        // What came back since, or has left again, stands in the order for nothing.
        while (shadows.Count > most)
            DropOldest();
        if (order.Count > 2 * most)
            Tidy();
    }

    /// <summary>A page has left for a slot of swap.</summary>
    public void Put(SwapEntry entry, ulong shadow)
    {
        if (shadow != 0)
            swapped[entry] = shadow;
        else
            swapped.Remove(entry);
    }

    /// <summary>A page of an object has come back; 0 if nothing is known of it.</summary>
    public ulong Take(int mapping, uint index) =>
        shadows.Remove((mapping, index), out (ulong Shadow, long Number) found) ? found.Shadow : 0;

    /// <summary>A page has come back from a slot of swap; 0 if nothing is known of it.</summary>
    public ulong Take(SwapEntry entry) => swapped.Remove(entry, out ulong shadow) ? shadow : 0;

    private void DropOldest()
    {
        ((int, ulong) key, long number) = order.Dequeue();
        if (shadows.TryGetValue(key, out (ulong Shadow, long Number) found) && found.Number == number)
            shadows.Remove(key);
    }

    private void Tidy()
    {
        for (int left = order.Count; left > 0; left--)
        {
            ((int, ulong) key, long number) = order.Dequeue();
            if (shadows.TryGetValue(key, out (ulong Shadow, long Number) found) && found.Number == number)
                order.Enqueue((key, number));
        }
    }
}
