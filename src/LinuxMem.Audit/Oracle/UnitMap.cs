using System.Numerics;
using System.Runtime.CompilerServices;

namespace LinuxMem.Audit.Oracle;

/// <summary>
/// The contents of a space: unit number to the value last stored there. Flat, by open addressing with linear probing.
/// </summary>
/// <remarks>
/// Removal shifts the followers back, so that there are no tombstones and a space that shrinks stays fast.
/// </remarks>
internal sealed class UnitMap
{
    private const int CapacityMin = 16;

    private Slot[] slots = new Slot[CapacityMin];
    private int shift = 64 - 4;

    /// <summary>Units with a value.</summary>
    public int Count { get; private set; }

    /// <summary>Places to look at, to see all units.</summary>
    public int Capacity => slots.Length;

    /// <summary>The unit at a place from 0 to <see cref="Capacity"/>; false if none is there.</summary>
    public bool TryGetAt(int place, out ulong unit, out ulong value)
    {
        ref Slot slot = ref slots[place];
        unit = slot.UnitPlusOne - 1;
        value = slot.Value;
        return slot.UnitPlusOne != 0;
    }

    /// <summary>The value of a unit, if it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(ulong unit, out ulong value)
    {
        ref Slot slot = ref slots[Locate(unit)];
        value = slot.Value;
        return slot.UnitPlusOne != 0;
    }

    /// <summary>Gives a unit a value.</summary>
    public void Set(ulong unit, ulong value)
    {
        int at = Locate(unit);
        if (slots[at].UnitPlusOne == 0)
        {
            if ((Count + 1) * 5 > slots.Length * 3)
            {
                Resize(slots.Length * 2);
                at = Locate(unit);
            }

            Count++;
        }

        slots[at] = new Slot { UnitPlusOne = unit + 1, Value = value };
    }

    /// <summary>
    /// Takes away the values of all units from <paramref name="first"/> up to, not including, <paramref name="end"/>;
    /// adds them to a list, in no particular order, if one is given.
    /// </summary>
    public void RemoveRange(ulong first, ulong end, List<KeyValuePair<ulong, ulong>>? removed = null)
    {
        if (Count == 0)
            return;
        if (end - first > (ulong)slots.Length)
        {
            RemoveByScan(first, end, removed);
            return;
        }

        for (ulong unit = first; unit < end; unit++)
        {
            int at = Locate(unit);
            if (slots[at].UnitPlusOne == 0)
                continue;
            removed?.Add(new(unit, slots[at].Value));
            RemoveAt(at);
        }
    }

    /// <summary>A deep copy.</summary>
    public UnitMap Clone() => new() { slots = (Slot[])slots.Clone(), shift = shift, Count = Count };

    private void RemoveByScan(ulong first, ulong end, List<KeyValuePair<ulong, ulong>>? removed)
    {
        Slot[] old = slots;
        slots = new Slot[old.Length];
        Count = 0;
        foreach (Slot slot in old)
        {
            if (slot.UnitPlusOne == 0)
                continue;
            ulong unit = slot.UnitPlusOne - 1;
            if (unit >= first && unit < end)
                removed?.Add(new(unit, slot.Value));
            else
                Set(unit, slot.Value);
        }
    }

    private void RemoveAt(int hole)
    {
        int mask = slots.Length - 1;
        for (int at = (hole + 1) & mask; slots[at].UnitPlusOne != 0; at = (at + 1) & mask)
        {
            // A follower may fill the hole unless its own place lies behind the hole.
            int home = Home(slots[at].UnitPlusOne - 1);
            if (((at - home) & mask) < ((at - hole) & mask))
                continue;
            slots[hole] = slots[at];
            hole = at;
        }

        slots[hole] = default;
        Count--;
    }

    private void Resize(int capacity)
    {
        Slot[] old = slots;
        slots = new Slot[capacity];
        shift = 64 - BitOperations.Log2((uint)capacity);
        foreach (Slot slot in old)
        {
            if (slot.UnitPlusOne != 0)
                slots[Locate(slot.UnitPlusOne - 1)] = slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(ulong unit) => (int)((unit * 0x9e3779b97f4a7c15) >> shift);

    /// <summary>The slot of a unit, or the empty one where it would go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Locate(ulong unit)
    {
        Slot[] table = slots;
        int mask = table.Length - 1;
        int at = Home(unit);
        while (table[at].UnitPlusOne != unit + 1 && table[at].UnitPlusOne != 0)
            at = (at + 1) & mask;
        return at;
    }

    private struct Slot
    {
        public ulong UnitPlusOne;
        public ulong Value;
    }
}
