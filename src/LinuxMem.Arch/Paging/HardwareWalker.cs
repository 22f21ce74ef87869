using System.Runtime.CompilerServices;
using LinuxMem.Arch.Memory;

namespace LinuxMem.Arch.Paging;

/// <summary>The walking part of an MMU: one geometry laid out for speed, and the setting of accessed and dirty
/// bits.</summary>
internal sealed unsafe class HardwareWalker
{
    private readonly PagingGeometry geometry;
    private readonly byte* ram;
    private readonly uint frameCount;
    private readonly int pageShift;
    private readonly Step[] upper;
    private readonly Step leaf;
    private readonly bool wide;
    private readonly ulong present;
    private readonly ulong accessed;
    private readonly ulong pfnMask;
    private readonly int pfnShift;

    /// <summary>A walker of tables in that RAM. The RAM must outlive it.</summary>
    public HardwareWalker(PhysicalMemory memory, PagingGeometry geometry)
    {
        this.geometry = geometry;
        ram = memory.Base;
        frameCount = memory.FrameCount;
        pageShift = geometry.PageShift;
        int last = geometry.Levels.Length - 1;
        upper = new Step[last];
        for (int level = 0; level < last; level++)
            upper[level] = StepOf(geometry.Levels[level]);
        leaf = StepOf(geometry.Levels[last]);
        PteFormat format = geometry.Format;
        wide = format.EntryBytes == 8;
        present = format.Present;
        accessed = format.HardwareAccessedDirty ? format.Accessed : 0;
        pfnMask = format.PfnMask;
        pfnShift = format.PfnShift;
    }

    /// <summary>Levels of the tables: what a walk reads that no cache shortens.</summary>
    public int LevelCount => upper.Length + 1;

    /// <summary>Finds the leaf table of an address. False where an upper entry is not present.</summary>
    /// <param name="root">Frame of the top table.</param>
    /// <param name="va">Canonical address.</param>
    /// <param name="table">Frame of the leaf table.</param>
    /// <param name="upperAccessed">Whether every upper entry had its accessed bit set (or the format leaves that to
    /// software).</param>
    public bool TryFindLeafTable(uint root, ulong va, out uint table, out bool upperAccessed)
    {
        uint at = root;
        ulong common = accessed;
        foreach (Step step in upper)
        {
            ulong entry = Load(at, step.IndexOf(va));
            if ((entry & present) == 0)
            {
                table = 0;
                upperAccessed = false;
                return false;
            }

            common &= entry;
            at = FrameOf(entry, va);
        }

        table = at;
        upperAccessed = common == accessed;
        return true;
    }

    /// <summary>Where the leaf entry of an address is, in a leaf table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* LeafAt(uint table, ulong va)
    {
        byte* first = ram + ((ulong)table << pageShift);
        return wide ? first + (leaf.IndexOf(va) << 3) : first + (leaf.IndexOf(va) << 2);
    }

    /// <summary>Reads an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Load(byte* entry) => wide ? *(ulong*)entry : *(uint*)entry;

    /// <summary>Sets bits of an entry; atomically where another CPU may do the same.</summary>
    public void SetBits(byte* entry, ulong bits, bool atomic)
    {
        if (wide && atomic)
            Interlocked.Or(ref *(ulong*)entry, bits);
        else if (atomic)
            Interlocked.Or(ref *(uint*)entry, (uint)bits);
        else if (wide)
            *(ulong*)entry |= bits;
        else
            *(uint*)entry |= (uint)bits;
    }

    /// <summary>Sets the accessed bit in every upper entry on the way to an address. Precondition: the way is
    /// complete.</summary>
    public void SetUpperAccessed(uint root, ulong va, bool atomic)
    {
        uint at = root;
        foreach (Step step in upper)
        {
            byte* entry = ram + ((ulong)at << pageShift) + ((long)step.IndexOf(va) << (wide ? 3 : 2));
            if ((Load(entry) & accessed) != accessed)
                SetBits(entry, accessed, atomic);
            at = FrameOf(Load(entry), va);
        }
    }

    /// <summary>The frame that a present entry names, checked: a stray one would read the simulator's own
    /// memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint FrameOf(ulong entry, ulong va)
    {
        ulong frame = (entry & pfnMask) >> pfnShift;
        if (frame >= frameCount)
            ThrowBadTable(entry, va);
        return (uint)frame;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Load(uint table, int index)
    {
        byte* first = ram + ((ulong)table << pageShift);
        return wide ? ((ulong*)first)[index] : ((uint*)first)[index];
    }

    private static Step StepOf(PagingLevel level) => new(level.Shift, level.EntryCount - 1);

    private void ThrowBadTable(ulong entry, ulong va) => throw PageTableWalker.BadTable(geometry.Name, va, entry);

    private readonly record struct Step(int Shift, int Mask)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int IndexOf(ulong va) => (int)(va >> Shift) & Mask;
    }
}
