using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Lru;

/// <summary>What a replacement policy works with.</summary>
/// <param name="Map">Descriptors of the frames.</param>
/// <param name="References">Tells of accesses.</param>
/// <param name="Stat">Counters of /proc/vmstat, for those that are a policy's.</param>
/// <param name="Vm">Tunables.</param>
/// <param name="PageShift">log2 of the bytes of a page.</param>
/// <param name="HighWatermarkPages">The high watermarks of all zones together.</param>
/// <param name="Seed">Seed of its own random draws.</param>
public sealed record PolicyContext(
    MemMap Map, IPageReferences References, VmStat Stat, VmSettings Vm, int PageShift, long HighWatermarkPages,
    ulong Seed)
{
    /// <summary>The processes; null where there are none: in reference strings.</summary>
    public IProcessWalk? Processes { get; init; }

    /// <summary>Whether memory that processes share since a fork stays, as in v2.0, which had no rmap.</summary>
    public bool KeepsSharedAnon { get; init; }

    /// <summary>The group whose pages the policy orders; null where it has all of the machine's.</summary>
    public MemCgroup? Group { get; init; }

    /// <summary>Counts something that has happened to pages, for the machine and for the group.</summary>
    public void Count(VmEvent what, long pages = 1)
    {
        Stat.Add(what, pages);
        Group?.Count(what, pages);
    }

    /// <summary>Counts that a page has come back that had left.</summary>
    public void CountRefault(Pfn page) => Count(References.KindOf(page) == PageKind.Anon
        ? VmEvent.WorkingsetRefaultAnon
        : VmEvent.WorkingsetRefaultFile);
}
