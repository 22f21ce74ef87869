using System.Numerics;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Auditing;

/// <summary>Reads the page tables of an address space out of RAM, for the audit.</summary>
public sealed unsafe class PageTableReader
{
    private KernelMemory memory = null!;
    private MachineSnapshot into = null!;
    private PteFormat format = null!;
    private int mmId;

    /// <summary>Adds the tables and entries of an address space to a snapshot.</summary>
    public void Read(KernelMemory kernelMemory, Mm.Mm mm, MachineSnapshot snapshot)
    {
        memory = kernelMemory;
        into = snapshot;
        format = memory.Geometry.Format;
        mmId = mm.Id;
        ReadTable(mm.Context.Root, Pfn.None, 0, 0);
    }

    private void ReadTable(Pfn table, Pfn parent, int depth, ulong startVa)
    {
        PagingLevel level = memory.Geometry.Levels[depth];
        bool leaf = depth == memory.Geometry.Levels.Length - 1;
        int record = into.Tables.Count;
        into.Tables.Add(new TableRecord
        {
            MmId = mmId,
            Pfn = table.Value,
            Level = memory.Geometry.Levels.Length - 1 - depth,
            ParentPfn = parent.Value,
            StartVa = startVa,
            EndVa = startVa + ((ulong)level.EntryCount << level.Shift),
        });
        int used = 0;
        for (int index = Next(table, 0, level.EntryCount); index < level.EntryCount; index = Next(table, index + 1,
            level.EntryCount))
        {
            ulong entry = memory.Ram.ReadEntry(table, index, format.EntryBytes);
            ulong va = startVa + ((ulong)index << level.Shift);
            if (leaf && format.IsMarker(entry))
                continue;
            if (leaf && format.IsSwap(entry))
            {
                AddSwap(va, SwapPte.EntryOf(format, entry));
                continue;
            }

            used++;
            if (leaf)
                AddEntry(va, entry);
            else
                ReadTable(new Pfn(format.PfnOf(entry)), table, depth + 1, va);
        }

        into.Tables[record].UsedEntries = used;
    }

    private int Next(Pfn table, int from, int count)
    {
        int skipped = format.EntryBytes == 8
            ? NextIn((ulong*)memory.Ram.FrameAt(table), from, count)
            : NextIn((uint*)memory.Ram.FrameAt(table), from, count);
        return skipped < 0 ? count : from + skipped;
    }

    private static int NextIn<T>(T* entries, int from, int count)
        where T : unmanaged, INumberBase<T> =>
            new ReadOnlySpan<T>(entries + from, count - from).IndexOfAnyExcept(T.Zero);

    private void AddSwap(ulong va, SwapEntry swap) => into.SwapPtes.Add(new SwapPteRecord
    {
        MmId = mmId,
        Va = va,
        Area = swap.Area,
        Slot = swap.Slot,
    });

    private void AddEntry(ulong va, ulong entry) => into.Ptes.Add(new PteRecord
    {
        MmId = mmId,
        Va = va,
        Pfn = format.PfnOf(entry),
        Bits = BitsOf(entry, format, memory.ZeroPage),
    });

    /// <summary>What an entry allows and says, in the audit's terms.</summary>
    internal static PteBits BitsOf(ulong entry, PteFormat format, Pfn zeroPage)
    {
        var bits = PteBits.None;
        if ((entry & format.Write) != 0)
            bits |= PteBits.Write;
        if ((entry & format.User) != 0)
            bits |= PteBits.User;
        if ((entry & format.NoExec) != 0)
            bits |= PteBits.NoExec;
        if ((entry & format.Accessed) != 0)
            bits |= PteBits.Accessed;
        if ((entry & format.Dirty) != 0)
            bits |= PteBits.Dirty;
        if ((entry & format.Present) == 0)
            bits |= PteBits.ProtNone;
        if (format.PfnOf(entry) == zeroPage.Value)
            bits |= PteBits.ZeroPage;
        return bits;
    }
}
