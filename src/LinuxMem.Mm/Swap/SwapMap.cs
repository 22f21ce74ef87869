using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>The swap areas of a machine, by priority. Owned by the SwapActor, which alone touches it.</summary>
/// <remarks>Linux: mm/swapfile.c: swap_info, swap_active_head, folio_alloc_swap, v6.18.</remarks>
public sealed class SwapMap
{
    private readonly List<SwapArea?> areas = [];
    private readonly List<SwapArea> active = [];

    /// <summary>Slots that can hold a page, of all areas (SwapTotal).</summary>
    public long TotalSlots { get; private set; }

    /// <summary>Slots that hold none (SwapFree).</summary>
    public long FreeSlots
    {
        get
        {
            long free = TotalSlots;
            foreach (SwapArea area in active)
                free -= area.UsedSlots;
            return free;
        }
    }

    /// <summary>The areas in use, in the order in which they are filled.</summary>
    public IReadOnlyList<SwapArea> Active => active;

    /// <summary>The areas in use, by number.</summary>
    public IEnumerable<SwapArea> Areas => areas.OfType<SwapArea>();

    /// <summary>Tells how many slots of each area hold a page, by number.</summary>
    public void CopyUsedSlots(List<uint> into)
    {
        into.Clear();
        foreach (SwapArea? area in areas)
            into.Add(area?.UsedSlots ?? 0);
    }

    /// <summary>Whether an entry names a slot that holds a page; false also where there is no such slot.</summary>
    public bool IsInUse(SwapEntry entry) =>
        entry.Area < areas.Count && areas[entry.Area] is { } area && entry.Slot - 1 < area.SlotCount
            && area.IsInUse(entry.Slot);

    /// <summary>Takes an area into use and returns it.</summary>
    public SwapArea SwapOn(SwapAreaSettings settings)
    {
        var area = new SwapArea(areas.Count, settings);
        areas.Add(area);
        Activate(area);
        TotalSlots += area.SlotCount;
        return area;
    }

    /// <summary>Takes an area out of use. Precondition: none of its slots is in use any more.</summary>
    public void SwapOff(SwapArea area)
    {
        KernelBug.Assert(area.UsedSlots == 0, $"swapoff of area {area.Index}, which holds {area.UsedSlots} pages");
        active.Remove(area);
        areas[area.Index] = null;
        TotalSlots -= area.SlotCount;
    }

    /// <summary>
    /// A slot for a page that leaves memory, from the area of highest priority that has one; None if swap is full.
    /// </summary>
    public SwapEntry Allocate(int cpu)
    {
        foreach (SwapArea area in active)
        {
            uint slot = area.Allocate(cpu);
            if (slot == 0)
                continue;
            // Areas of one priority take turns: the one just used goes behind its equals.
            active.Remove(area);
            Activate(area);
            return new SwapEntry(area.Index, slot);
        }

        return SwapEntry.None;
    }

    /// <summary>The area of an entry. Precondition: it is in use.</summary>
    public SwapArea AreaOf(SwapEntry entry)
    {
        SwapArea? area = entry.Area < areas.Count ? areas[entry.Area] : null;
        KernelBug.Assert(area is not null && entry.Slot <= area.SlotCount, $"{entry} names no slot of swap");
        return area!;
    }

    private void Activate(SwapArea area)
    {
        int at = active.FindIndex(other => other.Settings.Priority < area.Settings.Priority);
        active.Insert(at < 0 ? active.Count : at, area);
    }
}
