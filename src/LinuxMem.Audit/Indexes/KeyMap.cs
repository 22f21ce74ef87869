using System.Numerics;
using System.Runtime.CompilerServices;

namespace LinuxMem.Audit.Indexes;

/// <summary>
/// A map from 64-bit keys to small numbers, by open addressing; reused, never shrunk, order-free by design.
/// </summary>
/// <remarks>
/// Keys up to <c>ulong.MaxValue - 1</c>: a slot stores the key plus one, so that zero is an empty slot.
/// </remarks>
internal sealed class KeyMap
{
    private Slot[] slots = new Slot[64];
    private int shift = 64 - 6;
    private int count;

    /// <summary>Makes it empty, with room for that many keys.</summary>
    public void Reset(int expected)
    {
        int wanted = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, expected * 2));
        if (wanted > slots.Length)
            slots = new Slot[wanted];
        else
            Array.Clear(slots);
        shift = 64 - BitOperations.Log2((uint)slots.Length);
        count = 0;
    }

    /// <summary>Adds a key; false, with nothing changed, if it is there already.</summary>
    public bool TryAdd(ulong key, int value)
    {
        if (count * 2 >= slots.Length)
            Grow();
        ref Slot slot = ref SlotOf(key);
        if (slot.KeyPlusOne != 0)
            return false;
        slot = new Slot { KeyPlusOne = key + 1, Value = value };
        count++;
        return true;
    }

    /// <summary>The key's value, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong key)
    {
        ref Slot slot = ref SlotOf(key);
        return slot.KeyPlusOne == 0 ? -1 : slot.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotOf(ulong key)
    {
        Slot[] table = slots;
        int mask = table.Length - 1;
        int at = (int)((key * 0x9e3779b97f4a7c15) >> shift);
        while (true)
        {
            ref Slot slot = ref table[at & mask];
            if (slot.KeyPlusOne == key + 1 || slot.KeyPlusOne == 0)
                return ref slot;
            at++;
        }
    }

    private void Grow()
    {
        Slot[] old = slots;
        slots = new Slot[old.Length * 2];
        shift--;
        foreach (Slot slot in old)
        {
            if (slot.KeyPlusOne != 0)
                SlotOf(slot.KeyPlusOne - 1) = slot;
        }
    }

    private struct Slot
    {
        public ulong KeyPlusOne;
        public int Value;
    }
}
