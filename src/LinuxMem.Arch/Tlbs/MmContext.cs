using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Arch.Tlbs;

/// <summary>An address space as an MMU sees it: what CR3 points to. One for each mm, made by the kernel.</summary>
public sealed class MmContext
{
    private bool shared;

    /// <summary>The address space whose top table is the frame <paramref name="root"/>.</summary>
    public MmContext(int mmId, Pfn root, PagingGeometry geometry)
    {
        MmId = mmId;
        Root = root;
        Geometry = geometry;
    }

    /// <summary>The kernel's number for the mm.</summary>
    public int MmId { get; }

    /// <summary>Frame of the top table. Changes only while no CPU runs the mm.</summary>
    public Pfn Root { get; set; }

    /// <summary>The shape of the tables.</summary>
    public PagingGeometry Geometry { get; }

    /// <summary>Changes of entries that other CPUs do not see yet.</summary>
    public PteHistory History { get; } = new();

    /// <summary>
    /// Whether more than one task has ever used the mm, so that CPUs may walk it at the same time. Accessed and dirty
    /// bits of leaf entries are then logged for the kernel to set, and a load enters a page as clean whatever its
    /// dirty bit says: whether another CPU has set that bit already depends on how far the host got with it, and must
    /// not decide what a later store costs.
    /// </summary>
    /// <remarks>
    /// For good: a CPU may have run ahead of the exit that leaves one task alone, by how much depends on the window.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Set to false after it was true.</exception>
    public bool Shared
    {
        get => shared;
        set
        {
            if (shared && !value)
                throw new InvalidOperationException("an mm that was shared stays shared for its MMUs");
            shared = value;
        }
    }
}
