using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Paging;

/// <summary>Reads page tables of any geometry without changing them: for the kernel and for audits.</summary>
/// <remarks>
/// An MMU walks by itself, with caches and with accessed and dirty bits (<see cref="HardwareWalker"/>); that the two
/// agree is tested. Rights are taken from the leaf alone: upper entries allow everything, as Linux makes them
/// (_PAGE_TABLE). Cost: O(levels).
/// </remarks>
public static class PageTableWalker
{
    /// <summary>Walks from the top table at <paramref name="root"/> to the leaf entry of an address.</summary>
    /// <remarks>Bits of the address that the tables do not translate are ignored: see
    /// <see cref="IsCanonical"/>.</remarks>
    /// <exception cref="InvalidOperationException">A present upper entry names a frame outside RAM.</exception>
    public static WalkResult Walk(PhysicalMemory ram, PagingGeometry geometry, Pfn root, ulong va)
    {
        PteFormat format = geometry.Format;
        Pfn table = root;
        int last = geometry.Levels.Length - 1;
        for (int level = 0; level < last; level++)
        {
            ulong entry = ram.ReadEntry(table, geometry.Levels[level].IndexOf(va), format.EntryBytes);
            if ((entry & format.Present) == 0)
                return new WalkResult(0, Pfn.None, 0, level + 1);
            table = new Pfn(format.PfnOf(entry));
            if (table.Value >= ram.FrameCount)
                throw BadTable(geometry.Levels[level].Name, va, entry);
        }

        int index = geometry.Levels[last].IndexOf(va);
        return new WalkResult(ram.ReadEntry(table, index, format.EntryBytes), table, index, last + 1);
    }

    /// <summary>The physical address of a virtual one, whatever the rights; false where no present entry maps
    /// it.</summary>
    public static bool TryTranslate(
        PhysicalMemory ram, PagingGeometry geometry, Pfn root, ulong va, out ulong physicalAddress)
    {
        WalkResult walk = Walk(ram, geometry, root, va);
        ulong frame = (ulong)geometry.Format.PfnOf(walk.Entry) << geometry.PageShift;
        physicalAddress = frame | (va & geometry.PageOffsetMask);
        return IsCanonical(geometry, va) && (walk.Entry & geometry.Format.Present) != 0;
    }

    /// <summary>
    /// The address whose indices at each level, top first, are <paramref name="indices"/>: what a scan of tables stands
    /// at. Sign-extended as the geometry wants it.
    /// </summary>
    public static ulong Assemble(PagingGeometry geometry, ReadOnlySpan<int> indices, ulong pageOffset)
    {
        ulong va = pageOffset;
        for (int level = 0; level < geometry.Levels.Length; level++)
            va |= (ulong)indices[level] << geometry.Levels[level].Shift;
        int unused = 64 - geometry.VirtualBits;
        return geometry.VirtualBits == 32 ? va : (ulong)((long)(va << unused) >> unused);
    }

    /// <summary>
    /// Whether an address is one that the tables can translate: the sign extension of its translated bits, or, with
    /// 32-bit addresses, below 2^32. An access to any other faults before any table is read.
    /// </summary>
    public static bool IsCanonical(PagingGeometry geometry, ulong va) =>
        (va + CanonicalBias(geometry)) >> geometry.VirtualBits == 0;

    /// <summary>What to add to an address so that the canonical ones become those below 2^VirtualBits.</summary>
    internal static ulong CanonicalBias(PagingGeometry geometry) =>
        geometry.VirtualBits == 32 ? 0 : 1UL << (geometry.VirtualBits - 1);

    /// <summary>The failure of a walk that meets an entry which no kernel may have written.</summary>
    internal static InvalidOperationException BadTable(string level, ulong va, ulong entry) =>
        new($"page tables: the {level} entry 0x{entry:x} for address 0x{va:x} names a frame outside RAM");
}
