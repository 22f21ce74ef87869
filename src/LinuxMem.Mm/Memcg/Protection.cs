namespace LinuxMem.Mm.Memcg;

/// <summary>How much of a group's memory is kept from reclaim: what it was promised, as far as parents can.</summary>
/// <remarks>
/// Linux: mm/page_counter.c: page_counter_calculate_protection, effective_protection, v6.18, with
/// memory_recursiveprot, as systemd mounts it: what a parent was promised and its children do not claim goes to them by
/// what they have beyond.
/// </remarks>
public static class Protection
{
    /// <summary>Pages of memory.min that hold, when pages are wanted for all of <paramref name="target"/>.</summary>
    public static long Min(MemCgroup group, MemCgroup target) => Of(group, target, g => g.Min);

    /// <summary>The same of memory.low.</summary>
    public static long Low(MemCgroup group, MemCgroup target) => Of(group, target, g => g.Low);

    // What is reclaimed for its own sake is not protected from itself.
    private static long Of(MemCgroup group, MemCgroup target, Func<MemCgroup, long> setting)
    {
        if (group == target || group.Parent is not { } parent)
            return 0;
        long usage = group.Usage;
        if (parent.Parent is null)
            return Math.Min(usage, setting(group));
        // Linux takes the parent's as it was last computed, which is from its own parent.
        long ofParent = parent == target ? setting(parent) : Of(parent, target, setting);
        long siblings = 0;
        foreach (MemCgroup child in parent.Children)
            siblings += Math.Min(child.Usage, setting(child));
        return Effective(usage, parent.Usage, setting(group), ofParent, siblings);
    }

    /// <summary>The part of a parent's protection that a child has.</summary>
    /// <param name="usage">What the child has.</param>
    /// <param name="parentUsage">What the parent has.</param>
    /// <param name="setting">What the child is to be left.</param>
    /// <param name="parentEffective">What the parent is left.</param>
    /// <param name="siblings">What the parent's children claim together.</param>
    public static long Effective(long usage, long parentUsage, long setting, long parentEffective, long siblings)
    {
        long claimed = Math.Min(usage, setting);
        if (siblings > parentEffective)
            return (long)((Int128)claimed * parentEffective / siblings);
        if (parentEffective > siblings && parentUsage > siblings && usage > claimed)
            claimed += (long)((Int128)(parentEffective - siblings) * (usage - claimed) / (parentUsage - siblings));
        return claimed;
    }
}
