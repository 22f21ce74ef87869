using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests.Support;

/// <summary>A small RAM with page tables that a test writes by hand.</summary>
internal sealed class World : IDisposable
{
    private readonly List<uint> tables = [];
    private uint nextFrame = 1;

    public World(PagingGeometry geometry, ContentMode contents = ContentMode.None, int spaces = 1, uint frames = 1024)
    {
        Geometry = geometry;
        Ram = new PhysicalMemory(frames, geometry.PageShift, contents);
        Mms = [.. Enumerable.Range(0, spaces).Select(i => new MmContext(i + 1, NewTable(), geometry))];
    }

    public PagingGeometry Geometry { get; }

    public PhysicalMemory Ram { get; }

    public MmContext[] Mms { get; }

    public MmContext Mm => Mms[0];

    /// <summary>What new upper entries carry.</summary>
    public ulong? UpperBits { get; set; }

    public PteFormat Format => Geometry.Format;

    public ulong Rwx => Format.Present | Format.User | Format.Write | Soft;

    public ulong ReadOnly => Format.Present | Format.User | Format.NoExec | Soft;

    /// <summary>Accessed and dirty, where software would have set them.</summary>
    private ulong Soft => Format.HardwareAccessedDirty ? 0 : Format.Accessed | Format.Dirty;

    public Pfn NewTable()
    {
        tables.Add(nextFrame);
        return new Pfn(nextFrame++);
    }

    public void Map(MmContext mm, ulong va, uint pfn, ulong bits) => SetEntry(mm, va, Format.Make(pfn, bits));

    public void Map(ulong va, uint pfn) => Map(Mm, va, pfn, Rwx);

    public ulong Entry(MmContext mm, ulong va) => PageTableWalker.Walk(Ram, Geometry, mm.Root, va).Entry;

    public ulong Entry(ulong va) => Entry(Mm, va);

    public void SetEntry(MmContext mm, ulong va, ulong entry)
    {
        Pfn table = mm.Root;
        for (int level = 0; level < Geometry.Levels.Length - 1; level++)
        {
            int index = Geometry.Levels[level].IndexOf(va);
            ulong upper = Ram.ReadEntry(table, index, Format.EntryBytes);
            if (upper == 0)
            {
                upper = Format.Make(NewTable().Value, UpperBits ?? Format.TableBits);
                Ram.WriteEntry(table, index, Format.EntryBytes, upper);
            }

            table = new Pfn(Format.PfnOf(upper));
        }

        Ram.WriteEntry(table, Geometry.Levels[^1].IndexOf(va), Format.EntryBytes, entry);
    }

    /// <summary>What a kernel does with logged bits: sets them where the entry names the frame still.</summary>
    public void SetBits(ReadOnlySpan<AccessedDirtyOp> ops)
    {
        foreach (AccessedDirtyOp op in ops)
        {
            int index = Geometry.Levels[^1].IndexOf(op.Va);
            ulong entry = Ram.ReadEntry(new Pfn(op.Table), index, Format.EntryBytes);
            if ((entry & Format.Present) != 0 && Format.PfnOf(entry) == op.Pfn)
                Ram.WriteEntry(new Pfn(op.Table), index, Format.EntryBytes,
                    entry | Format.Accessed | (op.IsStore ? Format.Dirty : 0));
        }
    }

    /// <summary>Every entry of every table that is not empty.</summary>
    public List<(uint Table, int Index, ulong Entry)> Dump()
    {
        List<(uint, int, ulong)> all = [];
        foreach (uint table in tables)
        {
            for (int i = 0; i < (int)Geometry.PageBytes / Format.EntryBytes; i++)
            {
                ulong entry = Ram.ReadEntry(new Pfn(table), i, Format.EntryBytes);
                if (entry != 0)
                    all.Add((table, i, entry));
            }
        }

        return all;
    }

    public void Dispose() => Ram.Dispose();
}
