using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>
/// Looks at swap (I31 to I34): keeps from look to look how many page-table entries name each slot, and holds the slots
/// that are in use to that.
/// </summary>
internal sealed class SwapScreen(FrameLedger ledger)
{
    private const int AreasMax = 32;

    // What no area has comes of damage, and is left to a full check.
    private const uint SlotsMax = 1 << 24;
    private readonly int[][] named = [.. Enumerable.Range(0, AreasMax).Select(_ => Array.Empty<int>())];
    private long names;

    /// <summary>An entry that names a slot came (1) or went (-1).</summary>
    public void Name(SwapEntry entry, int by)
    {
        if (entry.Area >= AreasMax || entry.Slot >= SlotsMax)
        {
            ledger.Suspect();
            return;
        }

        ref int[] area = ref named[entry.Area];
        if (entry.Slot >= area.Length)
            Array.Resize(ref area, Math.Max((int)entry.Slot + 1, Math.Max(1024, 2 * area.Length)));
        area[entry.Slot] += by;
        names += by;
    }

    /// <summary>Takes in which frames the swap cache has. Precondition: the ledger's look has begun.</summary>
    public void LookAtCache(MachineSnapshot snapshot)
    {
        ledger.Swapped.Begin();
        foreach (ref SwapSlotRecord slot in snapshot.SwapSlots.Items)
        {
            if (slot.Pfn != 0)
                ledger.Swapped.Add(slot.Pfn);
        }

        ledger.Swapped.End();
    }

    /// <summary>Judges the slots. Precondition: page tables and frames have been looked at.</summary>
    public void Look(MachineSnapshot snapshot)
    {
        // What shared memory has in swap is written down anew each time.
        foreach (ref SwapPteRecord shared in snapshot.SwapPtes.Items)
            Name(new SwapEntry(shared.Area, shared.Slot), 1);
        long cached = 0;
        long counted = 0;
        bool fine = snapshot.SwapTotal == snapshot.SwapFree + snapshot.SwapSlots.Count;
        foreach (ref SwapSlotRecord slot in snapshot.SwapSlots.Items)
        {
            cached += slot.Pfn != 0 ? 1 : 0;
            counted += slot.Count;
            fine &= IsFine(in slot);
        }

        // As many names as the slots that are in use count: so no free one has any.
        if (!fine || counted != names || cached != ledger.FramesInSwapCache)
            ledger.Suspect();
        foreach (ref SwapPteRecord shared in snapshot.SwapPtes.Items)
            Name(new SwapEntry(shared.Area, shared.Slot), -1);
    }

    /// <summary>Forgets everything.</summary>
    public void Forget()
    {
        foreach (int[] area in named)
            Array.Clear(area);
        names = 0;
    }

    private bool IsFine(in SwapSlotRecord slot)
    {
        int[] area = slot.Area < AreasMax ? named[slot.Area] : [];
        int entries = slot.Slot < area.Length ? area[slot.Slot] : 0;
        if (slot.Count != entries || slot.IsCached != (slot.Pfn != 0))
            return false;
        if (slot.Pfn == 0)
            return slot.Count > 0;
        if (slot.Pfn >= ledger.FrameCount || (slot.IsClean && !slot.HoldsTheSame))
            return false;
        PageFrame frame = ledger[slot.Pfn];
        bool isOne = (frame.Flags & PageFlags.AnonExclusive) != 0 && frame.MapCount > 0;
        return frame.Place is Mm.MemMaps.FramePlace.Anon or Mm.MemMaps.FramePlace.SwapCache
            or Mm.MemMaps.FramePlace.Shmem && (frame.Flags & PageFlags.SwapCached) != 0 && !(isOne && slot.Count > 0);
    }
}
