using System.Runtime.InteropServices;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Mm.Lru;

/// <summary>What the replacement policy wants to be reminded of when a page comes back that had left.</summary>
/// <remarks>
/// Linux: mm/workingset.c: pack_shadow, count_shadow_nodes, v6.18: kept in the page cache and the swap cache where the
/// page was. There are at most as many as frames; the oldest go first.
/// </remarks>
public sealed class Shadows
{
    private readonly Dictionary<(int Owner, ulong Index), ulong> shadows = [];
    private readonly Queue<(int Owner, ulong Index)> order = new();
    private readonly long most;

    /// <summary>Room for so many.</summary>
    public Shadows(long most) => this.most = most;

    /// <summary>How many there are.</summary>
    public int Count => shadows.Count;

    /// <summary>A page of an object has left.</summary>
    public void Put(int mapping, uint index, ulong shadow) => Put((mapping, index), shadow);

    /// <summary>A page has left for a slot of swap.</summary>
    public void Put(SwapEntry entry, ulong shadow) => Put((-1 - entry.Area, entry.Slot), shadow);

    /// <summary>A page of an object has come back; 0 if nothing is known of it.</summary>
    public ulong Take(int mapping, uint index) => Take((mapping, index));

    /// <summary>A page has come back from a slot of swap; 0 if nothing is known of it.</summary>
    public ulong Take(SwapEntry entry) => Take((-1 - entry.Area, entry.Slot));

    private void Put((int Owner, ulong Index) key, ulong shadow)
    {
        if (shadow == 0)
            return;
        ref ulong slot = ref CollectionsMarshal.GetValueRefOrAddDefault(shadows, key, out bool there);
        slot = shadow;
        if (!there)
            order.Enqueue(key);
        while (shadows.Count > most || order.Count > 2 * most)
            shadows.Remove(order.Dequeue());
    }

    private ulong Take((int Owner, ulong Index) key) => shadows.Remove(key, out ulong shadow) ? shadow : 0;
}
