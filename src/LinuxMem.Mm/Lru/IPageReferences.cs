using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Lru;

/// <summary>Tells a policy whether pages were accessed.</summary>
public interface IPageReferences
{
    /// <summary>
    /// In how many page-table entries a frame's accessed bit was set since this was last asked; clears them all.
    /// </summary>
    /// <param name="page">The frame.</param>
    /// <param name="executable">Whether a mapping that may be executed is among those that map it.</param>
    /// <param name="locked">Whether a mapping that is locked in memory is among them.</param>
    int TestAndClear(Pfn page, out bool executable, out bool locked);

    /// <summary>Whether a frame's page goes to swap or to a file.</summary>
    PageKind KindOf(Pfn page);
}
