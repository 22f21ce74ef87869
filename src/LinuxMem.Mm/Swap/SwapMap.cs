using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>The swap areas of a machine, by priority. Owned by the SwapActor, which alone touches it.</summary>
/// <remarks>Linux: mm/swapfile.c: swap_info, swap_active_head, swap_alloc_fast, swap_alloc_slow, v6.18.</remarks>
public sealed class SwapMap
{
    private readonly List<SwapArea?> areas = [];
    private readonly List<SwapArea> active = [];
    private readonly Dictionary<int, SwapArea> areaOfCpu = [];
    private readonly Mutant mutant;

    /// <summary>Without areas.</summary>
    public SwapMap(Mutant mutant = default) => this.mutant = mutant;

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

    /// <summary>Takes an area into use, under the lowest number that is free, and returns it.</summary>
    public SwapArea SwapOn(SwapAreaSettings settings)
    {
        int number = areas.IndexOf(null);
        if (number < 0)
        {
            number = areas.Count;
            areas.Add(null);
        }

        var area = new SwapArea(number, settings);
        areas[number] = area;
        Activate(area);
        TotalSlots += area.SlotCount;
        return area;
    }

    /// <summary>The area of a number. Precondition: there is one.</summary>
    public SwapArea Numbered(int number)
    {
        KernelBug.Assert(number < areas.Count && areas[number] is not null, $"there is no swap area {number}");
        return areas[number]!;
    }

    /// <summary>An area is given no more pages; those that it has can come back.</summary>
    public void Retire(SwapArea area)
    {
        KernelBug.Assert(active.Remove(area), $"swap area {area.Index} is retired twice");
        TotalSlots -= area.SlotCount;
    }

    /// <summary>A retired area is given pages again, with this priority.</summary>
    public void Reinstate(SwapArea area, int priority)
    {
        KernelBug.Assert(!active.Contains(area), $"swap area {area.Index} was not retired");
        area.Priority = priority;
        Activate(area);
        TotalSlots += area.SlotCount;
    }

    /// <summary>A retired area goes. Precondition: none of its slots is in use any more.</summary>
    public void SwapOff(SwapArea area)
    {
        KernelBug.Assert(area.UsedSlots == 0, $"swapoff of area {area.Index}, which holds {area.UsedSlots} pages");
        KernelBug.Assert(!active.Contains(area), $"swapoff of area {area.Index}, which can still be given pages");
        areas[area.Index] = null;
    }

    /// <summary>
    /// A slot for a page that leaves memory, from the area of highest priority that has one; None if swap is full.
    /// Where no head moves, a CPU goes on with the cluster that it has begun before it asks for priorities.
    /// </summary>
    public SwapEntry Allocate(int cpu)
    {
        if (areaOfCpu.TryGetValue(cpu, out SwapArea? last) && last.CanGoOn(cpu) && active.Contains(last))
            return new SwapEntry(last.Index, last.Allocate(cpu));
        foreach (SwapArea area in active)
        {
            uint slot = area.Allocate(cpu);
            if (slot == 0)
                continue;
            // Areas of one priority take turns: the one just used goes behind its equals.
            active.Remove(area);
            Activate(area);
            if (!area.Settings.IsRotational)
                areaOfCpu[cpu] = area;
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
        int at = active.FindIndex(other => mutant == Mutant.M128
            ? other.Priority > area.Priority : other.Priority < area.Priority);
        active.Insert(at < 0 ? active.Count : at, area);
        for (int i = 1; i < active.Count; i++)
        {
            KernelBug.Assert(active[i - 1].Priority >= active[i].Priority,
                $"I32 violated: swap area {active[i - 1].Index} is filled before {active[i].Index}");
        }
    }
}
