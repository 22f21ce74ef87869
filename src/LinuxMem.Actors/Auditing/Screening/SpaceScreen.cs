using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Audit;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>
/// Looks at page tables: compares them with what they were and judges the entries that differ (I23, I24, I26).
/// </summary>
internal sealed unsafe class SpaceScreen
{
    private readonly FrameLedger ledger;
    private readonly SwapScreen swap;
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly PteFormat format;
    private readonly ulong ignoredBits;
    private readonly int leafSpanShift;
    private readonly Dictionary<int, SpaceShadow> spaces = [];
    private readonly List<int> ids = [];
    private MachineSnapshot snapshot = new();
    private SpaceShadow space = null!;
    private int mmId;
    private int firstVma;
    private int vmaCount;
    private int look;

    /// <summary>Knows no address space yet.</summary>
    public SpaceScreen(FrameLedger ledger, SwapScreen swap, KernelMemory memory)
    {
        this.ledger = ledger;
        this.swap = swap;
        this.memory = memory;
        geometry = memory.Geometry;
        format = geometry.Format;
        // No rule of entries asks for these, and the hardware sets them all the time.
        ignoredBits = format.Accessed | format.Dirty;
        leafSpanShift = geometry.Levels[^1].Shift + geometry.Levels[^1].Bits;
    }

    /// <summary>
    /// Pages whose entries were changed or taken away in this look, other than with their tables.
    /// </summary>
    public List<LostPage> LostPages { get; } = [];

    /// <summary>Whether a table was taken away in this look.</summary>
    public bool HasLostTables { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Forget()
    {
        spaces.Clear();
        ids.Clear();
    }

    /// <summary>Looks at all address spaces. Precondition: the snapshot has them and their areas.</summary>
    public void Look(MachineSnapshot now, IReadOnlyCollection<Mm.Mm> live)
    {
        snapshot = now;
        look++;
        LostPages.Clear();
        HasLostTables = false;
        RemoveEnded(live);
        int record = 0;
        firstVma = 0;
        foreach (Mm.Mm mm in live)
        {
            vmaCount = mm.Vmas.Tree.Count;
            if (firstVma + vmaCount > now.Vmas.Count || now.Mms[record].MmId != mm.Id)
            {
                ledger.Suspect();
                return;
            }

            mmId = mm.Id;
            LookAt(mm);
            Judge(in now.Mms[record++]);
            firstVma += vmaCount;
        }
    }

    /// <summary>An address space; null if it is not there.</summary>
    public SpaceShadow? Find(int id) => spaces.GetValueOrDefault(id);

    private void RemoveEnded(IReadOnlyCollection<Mm.Mm> live)
    {
        foreach (Mm.Mm mm in live)
        {
            if (spaces.TryGetValue(mm.Id, out SpaceShadow? known))
                known.Look = look;
        }

        for (int i = ids.Count - 1; i >= 0; i--)
        {
            SpaceShadow known = spaces[ids[i]];
            if (known.Look == look)
                continue;
            space = known;
            RemoveTable(known.Root);
            spaces.Remove(ids[i]);
            ids.RemoveAt(i);
        }
    }

    private void LookAt(Mm.Mm mm)
    {
        if (!spaces.TryGetValue(mmId, out SpaceShadow? known))
        {
            var root = new TableShadow(mm.Context.Root.Value, 0, 0, 0, geometry);
            known = new SpaceShadow(root, leafSpanShift) { Look = look };
            spaces.Add(mmId, known);
            ids.Add(mmId);
            ledger.Change(mm.Context.Root.Value).Tables++;
        }

        space = known;
        if (known.Root.Pfn != mm.Context.Root.Value)
            ledger.Suspect();
        else
            Sync(known.Root);
        CompareVmas();
    }

    private void Sync(TableShadow table)
    {
        var now = new ReadOnlySpan<byte>(memory.Ram.FrameAt(new Pfn(table.Pfn)), table.Bytes.Length);
        Span<byte> was = table.Bytes;
        if (!now.SequenceEqual(was))
        {
            int bytes = format.EntryBytes;
            int at = now.CommonPrefixLength(was);
            while (at < now.Length)
            {
                int index = at / bytes;
                ulong before = table.EntryAt(index, bytes);
                int start = index * bytes;
                now.Slice(start, bytes).CopyTo(was[start..]);
                Changed(table, index, before, table.EntryAt(index, bytes));
                at = start + bytes;
                at += now[at..].CommonPrefixLength(was[at..]);
            }
        }

        foreach (TableShadow child in table.Children)
            Sync(child);
    }

    private void Changed(TableShadow table, int index, ulong before, ulong after)
    {
        if (table.Kinds is not null)
        {
            ChangedEntry(table, index, before, after);
            return;
        }

        if (before != 0 && after != 0 && format.PfnOf(before) == format.PfnOf(after))
            return;
        if (before != 0)
        {
            TableShadow? old = table.Children.Find(c => c.Index == index);
            if (old is not null)
            {
                table.Children.Remove(old);
                RemoveTable(old);
            }
        }

        if (after != 0)
            AddTable(table, index, format.PfnOf(after));
    }

    private void AddTable(TableShadow parent, int index, uint pfn)
    {
        if (pfn >= ledger.FrameCount || pfn == 0)
        {
            ledger.Suspect();
            return;
        }

        ulong startVa = parent.StartVa + ((ulong)index << parent.Shift);
        var child = new TableShadow(pfn, parent.Depth + 1, index, startVa, geometry);
        parent.Children.Add(child);
        ledger.Change(pfn).Tables++;
        space.Tables++;
        if (child.Kinds is not null)
            space.AddLeaf(child);
        if (!IsNeeded(child))
            ledger.Suspect();
    }

    private void RemoveTable(TableShadow table)
    {
        HasLostTables = true;
        ledger.Change(table.Pfn).Tables--;
        space.Tables--;
        foreach (TableShadow child in table.Children)
            RemoveTable(child);
        if (table.Kinds is null)
            return;
        space.RemoveLeaf(table);
        for (int i = 0; i < table.Kinds.Length; i++)
        {
            ulong entry = table.EntryAt(i, format.EntryBytes);
            if (Maps(entry))
                Count(table, i, entry, -1);
            else if (IsSwapped(entry))
                CountSwapped(entry, -1);
        }
    }

    private void ChangedEntry(TableShadow table, int index, ulong before, ulong after)
    {
        if (before != 0 && after != 0 && ((before ^ after) & ~ignoredBits) == 0)
        {
            // Who has it as dirty in a TLB must hear that it is not any more (I20).
            if ((before & ~after & format.Dirty) != 0)
                LostPages.Add(new LostPage(mmId, table.StartVa + ((ulong)index << table.Shift)));
            return;
        }

        if (IsSwapped(before))
            CountSwapped(before, -1);
        if (IsSwapped(after))
            CountSwapped(after, 1);
        before = Maps(before) ? before : 0;
        after = Maps(after) ? after : 0;
        if (before != 0)
        {
            LostPages.Add(new LostPage(mmId, table.StartVa + ((ulong)index << table.Shift)));
            Count(table, index, before, -1);
        }

        if (after == 0)
            return;
        uint pfn = format.PfnOf(after);
        if (pfn >= ledger.FrameCount)
        {
            ledger.Suspect();
            return;
        }

        table.Kinds![index] = (byte)ledger[pfn].Place;
        Count(table, index, after, 1);
        Judge(table, index, after);
    }

    // Markers and entries of pages in swap map nothing.
    private bool Maps(ulong entry) => entry != 0 && !format.IsMarker(entry) && !format.IsSwap(entry);

    private bool IsSwapped(ulong entry) => entry != 0 && !format.IsMarker(entry) && format.IsSwap(entry);

    private void CountSwapped(ulong entry, int by)
    {
        space.SwapEntries += by;
        swap.Name(SwapPte.EntryOf(format, entry), by);
    }

    private void Count(TableShadow table, int index, ulong entry, int by)
    {
        uint pfn = format.PfnOf(entry);
        if (pfn >= ledger.FrameCount)
            return;
        space.Pages[table.Kinds![index]] += by;
        space.Entries += by;
        ledger.Map(pfn, pfn == memory.ZeroPage.Value, (entry & format.Write) != 0, by);
    }

    private ReadOnlySpan<VmaRecord> Vmas => snapshot.Vmas.Items.Slice(firstVma, vmaCount);

    private void Judge(TableShadow table, int index, ulong entry)
    {
        ulong va = table.StartVa + ((ulong)index << table.Shift);
        uint pfn = format.PfnOf(entry);
        ReadOnlySpan<VmaRecord> vmas = Vmas;
        int at = SpaceShadow.FirstEndingAfter(vmas, va);
        if (at == vmas.Length || va < vmas[at].Start || pfn >= ledger.FrameCount)
        {
            ledger.Suspect();
            return;
        }

        var pte = new PteRecord
        {
            MmId = mmId,
            Va = va,
            Pfn = pfn,
            Bits = PageTableReader.BitsOf(entry, format, memory.ZeroPage),
        };
        if (!ScreenRules.EntryIsFine(in pte, ledger.RecordOf(pfn), in vmas[at], geometry.PageShift,
            snapshot.HardwareNoExec))
            ledger.Suspect();
    }

    private void Judge(in MmRecord record)
    {
        long[] pages = space.Pages;
        bool ended = record.Users <= 0 && (space.Tables > 0 || space.Entries > 0);
        if (ended || record.PageTablePagesCounter != space.Tables || record.SwapEntries != space.SwapEntries
            || record.RssAnon != pages[(int)FramePlace.Anon] + pages[(int)FramePlace.SwapCache]
            || record.RssFile != pages[(int)FramePlace.File] || record.RssShmem != pages[(int)FramePlace.Shmem])
            ledger.Suspect();
    }

    // Where areas have changed, entries and tables that have not are judged anew.
    private void CompareVmas()
    {
        ReadOnlySpan<VmaRecord> now = Vmas;
        VmaRecord[] was = space.Vmas;
        int same = 0;
        while (same < now.Length && same < was.Length && AreSame(in now[same], in was[same]))
            same++;
        if (same == now.Length && same == was.Length)
            return;
        int tail = 0;
        int most = Math.Min(now.Length, was.Length) - same;
        while (tail < most && AreSame(in now[^(tail + 1)], in was[^(tail + 1)]))
            tail++;
        ulong from = ulong.MaxValue;
        ulong end = 0;
        Widen(now[same..^tail], ref from, ref end);
        Widen(was.AsSpan(same, was.Length - tail - same), ref from, ref end);
        space.Vmas = now.ToArray();
        if (from < end)
            JudgeAgain(space.Root, from, end - 1);
    }

    private static void Widen(ReadOnlySpan<VmaRecord> vmas, ref ulong from, ref ulong end)
    {
        foreach (ref readonly VmaRecord vma in vmas)
        {
            from = Math.Min(from, vma.Start);
            end = Math.Max(end, vma.End);
        }
    }

    private static bool AreSame(in VmaRecord a, in VmaRecord b) =>
        a.Start == b.Start && a.End == b.End && a.Flags == b.Flags && a.PgOff == b.PgOff
            && a.MappingId == b.MappingId;

    private void JudgeAgain(TableShadow table, ulong from, ulong last)
    {
        foreach (TableShadow child in table.Children)
        {
            if (child.StartVa > last || child.LastVa < from)
                continue;
            if (!IsNeeded(child))
                ledger.Suspect();
            JudgeAgain(child, from, last);
        }

        if (table.Kinds is null)
            return;
        int first = from <= table.StartVa ? 0 : (int)((from - table.StartVa) >> table.Shift);
        int end = last >= table.LastVa ? table.Kinds.Length : (int)((last - table.StartVa) >> table.Shift) + 1;
        for (int i = first; i < end; i++)
        {
            ulong entry = table.EntryAt(i, format.EntryBytes);
            if (Maps(entry))
                Judge(table, i, entry);
        }
    }

    private bool IsNeeded(TableShadow table)
    {
        ReadOnlySpan<VmaRecord> vmas = Vmas;
        int at = SpaceShadow.FirstEndingAfter(vmas, table.StartVa);
        return at < vmas.Length && vmas[at].Start <= table.LastVa;
    }
}
