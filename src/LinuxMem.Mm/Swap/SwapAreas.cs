using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>
/// The swap areas as the kernel knows them: those that mkswap has prepared, and which of them are in use, under which
/// number and with which priority.
/// </summary>
/// <remarks>
/// Linux: mm/swapfile.c: swap_info, alloc_swap_info, setup_swap_info, v6.18. An area gets the lowest number that is
/// free. One without a priority of its own comes behind all that are in use; where such an area leaves, those behind it
/// move up.
/// </remarks>
public sealed class SwapAreas
{
    // The first area without a priority of its own has this one, the next one less.
    private const int FirstDefault = -2;
    private readonly IReadOnlyList<SwapAreaSettings> prepared;
    private readonly SwapAreaSettings?[] byNumber;
    private readonly bool[] leaving;
    private int leavingAreas;

    /// <summary>Of a machine whose areas are these; those that are on at boot are in use.</summary>
    public SwapAreas(IReadOnlyList<SwapAreaSettings> prepared)
    {
        this.prepared = prepared;
        byNumber = new SwapAreaSettings?[prepared.Count];
        leaving = new bool[prepared.Count];
        foreach (SwapAreaSettings area in prepared.Where(a => a.OnAtBoot))
            Put(area);
    }

    /// <summary>One more than the highest number that an area can have.</summary>
    public int Length => byNumber.Length;

    /// <summary>Slots of the areas that pages can go to (total_swap_pages).</summary>
    public long ActiveSlots { get; private set; }

    /// <summary>Whether an area is being taken out of use.</summary>
    public bool AnyLeaves => leavingAreas > 0;

    /// <summary>Whether a head moves in any of them (nr_rotate_swap).</summary>
    public bool AnyRotates => Array.Exists(byNumber, area => area is { IsRotational: true });

    /// <summary>The area of a number. Precondition: <see cref="IsUsed"/>.</summary>
    public SwapAreaSettings this[int number] => byNumber[number]!;

    /// <summary>Whether there is an area of a number: in use, or being taken out of use.</summary>
    public bool IsUsed(int number) => byNumber[number] is not null;

    /// <summary>Whether an area is being taken out of use: it gives pages back, and gets none.</summary>
    public bool IsLeaving(int number) => leaving[number];

    /// <summary>The number of the area of a path; -1 if it is not in use.</summary>
    public int Find(string path) => Array.FindIndex(byNumber, area => area?.Path == path);

    /// <summary>An area that could be taken into use, by path; null if there is none.</summary>
    public SwapAreaSettings? FindPrepared(string path) => prepared.FirstOrDefault(area => area.Path == path);

    /// <summary>Takes an area into use and returns its number. Precondition: it is not.</summary>
    /// <param name="area">The area.</param>
    /// <param name="priority">Its priority, from 0; null for one of its own, below all others.</param>
    public int Add(SwapAreaSettings area, int? priority) =>
        Put(area with { Priority = priority ?? FirstDefault - CountDefaults() });

    /// <summary>An area gets no more pages. Precondition: it does until now.</summary>
    public void Retire(int number)
    {
        leaving[number] = true;
        leavingAreas++;
        ActiveSlots -= this[number].Pages - 1;
        if (this[number].Priority >= 0)
            return;
        for (int other = 0; other < Length; other++)
        {
            if (other != number && byNumber[other] is { } area && area.Priority < this[number].Priority)
                byNumber[other] = area with { Priority = area.Priority + 1 };
        }
    }

    /// <summary>An area that was to leave stays; without a priority of its own it comes last.</summary>
    public void Reinstate(int number)
    {
        if (this[number].Priority < 0)
            byNumber[number] = this[number] with { Priority = FirstDefault - CountDefaults() };
        leaving[number] = false;
        leavingAreas--;
        ActiveSlots += this[number].Pages - 1;
    }

    /// <summary>An area has left. Precondition: <see cref="IsLeaving"/>.</summary>
    public void Remove(int number)
    {
        leaving[number] = false;
        leavingAreas--;
        byNumber[number] = null;
    }

    private int CountDefaults()
    {
        int count = 0;
        for (int number = 0; number < Length; number++)
            count += byNumber[number] is { Priority: < 0 } && !leaving[number] ? 1 : 0;
        return count;
    }

    private int Put(SwapAreaSettings area)
    {
        int number = Array.IndexOf(byNumber, null);
        byNumber[number] = area;
        ActiveSlots += area.Pages - 1;
        return number;
    }
}
