using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs;

namespace LinuxMem.Arch.Tests.Support;

/// <summary>An MMU that does one access after the other, with no hints, no visits, no vectors: what <see cref="Mmu"/>
/// must equal.</summary>
internal sealed class NaiveMmu
{
    private readonly World world;
    private readonly TlbSettings settings;
    private readonly MmuCosts costs;
    private readonly NaiveTlb data;
    private readonly NaiveTlb code;
    private readonly NaiveTlb second;
    private readonly NaiveTlb walkCache;
    private readonly int tableBits;
    private readonly List<(int Cpu, long Ns, ulong Vpn, uint Table, ulong[] Old)>[] history = [[], []];
    private MmContext mm;
    private int asid;
    private TaskAccesses? task;
    private bool wasFirstLevelHit;

    public NaiveMmu(World world, TlbSettings settings, MmuCosts costs, ulong seed)
    {
        this.world = world;
        this.settings = settings;
        this.costs = costs;
        var firstDice = new NaiveDice(seed);
        data = new NaiveTlb(settings.L1Data, firstDice);
        code = new NaiveTlb(settings.L1Code, firstDice);
        second = new NaiveTlb(settings.L2, new NaiveDice(seed + 1));
        int entries = Math.Max(settings.WalkCacheEntries, 1);
        walkCache = new NaiveTlb(new TlbShape(Math.Max(entries / 4, 1), Math.Min(entries, 4)), new NaiveDice(seed + 2));
        tableBits = world.Geometry.Levels[^1].Bits;
        mm = world.Mm;
    }

    public MmuCounters Counters;

    public List<ContentOp> Log { get; } = [];

    public List<AccessedDirtyOp> Bits { get; } = [];

    public void Load(MmContext context, int tag, TaskAccesses accesses) => (mm, asid, task) = (context, tag, accesses);

    public void Record(int space, int cpu, long ns, ulong vpn, uint table, ulong[] old) =>
        history[space].Add((cpu, ns, vpn, table, (ulong[])old.Clone()));

    public MmuStop Run(AccessBatch batch, ref long now, long until, out MmuFault fault)
    {
        fault = default;
        for (; batch.RunIndex < batch.RunCount; batch.RunIndex++, batch.DoneInRun = 0)
        {
            AccessRun run = batch.Runs[batch.RunIndex];
            for (; batch.DoneInRun < run.Count; batch.DoneInRun++)
            {
                if (now >= until)
                    return MmuStop.Deadline;
                (ulong va, AccessKind kind) = At(batch, run, batch.DoneInRun);
                if (!Access(va, kind, now, out int cost, out uint pfn, out fault))
                {
                    Counters.Faults++;
                    return MmuStop.Fault;
                }

                fault = default;
                Counters.Accesses++;
                task!.Accesses++;
                Note(batch, run, va, kind, pfn, now);
                now += cost;
            }
        }

        return MmuStop.BatchDone;
    }

    public void Invalidate(int tag, ulong first, ulong count)
    {
        Counters.Invalidations++;
        DropPages(e => e.Asid == tag && e.Page >= first && e.Page < first + count);
        ulong last = (first + count - 1) >> tableBits;
        walkCache.DropWhere(e => e.Asid == tag && e.Page >= first >> tableBits && e.Page <= last);
    }

    public void Flush(int? tag)
    {
        Counters.Flushes++;
        DropPages(e => tag is null || e.Asid == tag);
        walkCache.DropWhere(e => tag is null || e.Asid == tag);
    }

    public List<TlbEntryInfo> Export()
    {
        List<TlbEntryInfo> all = [];
        Add(data, TlbLevel.L1Data, 0);
        Add(code, TlbLevel.L1Code, 0);
        Add(second, TlbLevel.L2, 0);
        Add(walkCache, TlbLevel.WalkCache, tableBits);
        return all;

        void Add(NaiveTlb tlb, TlbLevel level, int bits) => all.AddRange(tlb.All().Select(e =>
            new TlbEntryInfo(level, (ushort)e.Asid, e.Page << bits, e.Pfn, e.Write, e.Exec, e.Dirty)));
    }

    private static (ulong Va, AccessKind Kind) At(AccessBatch batch, AccessRun run, int i)
    {
        if (!run.IsScatter)
            return (run.Start + (ulong)(run.Stride * i), run.Kind);
        ulong entry = batch.Scatter[(int)run.Start + i];
        return (ScatterEntry.AddressOf(entry), ScatterEntry.KindOf(entry));
    }

    private void Note(AccessBatch batch, AccessRun run, ulong va, AccessKind kind, uint pfn, long now)
    {
        ContentMode mode = world.Ram.Contents;
        if (mode == ContentMode.None)
            return;
        bool write = kind == AccessKind.Write;
        ulong ordinal = write ? ++task!.StoreOrdinal : 0;
        int i = batch.DoneInRun;
        if (mode == ContentMode.Tags && !run.IsScatter)
        {
            if (i > 0 && Page(At(batch, run, i - 1).Va) == Page(va) && wasFirstLevelHit)
                return;
            while (i + 1 < run.Count && Page(At(batch, run, i + 1).Va) == Page(va))
                i++;
            va = At(batch, run, i).Va;
            ordinal += (ulong)(i - batch.DoneInRun);
        }

        Log.Add(new ContentOp
        {
            TimeNs = now,
            Va = va / 8 * 8,
            Value = write ? TaskAccesses.StoreValue(task!.ValueSeed, ordinal) : 0,
            TaskId = task!.TaskId,
            MmId = mm.MmId,
            Pfn = pfn,
            Kind = write ? AccessKind.Write : AccessKind.Read,
        });
    }

    private ulong Page(ulong va) => va >> world.Geometry.PageShift;

    private bool Access(ulong va, AccessKind kind, long now, out int cost, out uint pfn, out MmuFault fault)
    {
        bool canonical = PageTableWalker.IsCanonical(world.Geometry, va);
        fault = new MmuFault { Address = new VirtAddr(va), Kind = kind, NonCanonical = !canonical };
        cost = costs.HitNs;
        pfn = 0;
        wasFirstLevelHit = false;
        if (fault.NonCanonical)
            return false;
        NaiveTlb first = kind == AccessKind.Execute ? code : data;
        NaiveTlb.Entry? hit = first.Find(asid, Page(va));
        NaiveTlb.Entry? found = hit is null ? second.Find(asid, Page(va)) : null;
        if (hit is not null && Allows(hit, kind))
        {
            first.Use(hit);
            Counters.L1Hits++;
            wasFirstLevelHit = true;
            pfn = hit.Pfn;
            return true;
        }

        if (found is not null && Allows(found, kind))
        {
            second.Use(found);
            first.Fill(Copy(found));
            Counters.L2Hits++;
            cost += costs.L2HitNs;
            pfn = found.Pfn;
            return true;
        }

        if (hit is not null || found is not null)
            DropPages(e => e.Asid == asid && e.Page == Page(va));
        if (!Walk(va, kind, now, out int levels, out ulong entry, ref fault))
            return false;
        Counters.Walks++;
        Counters.WalkLevels += levels;
        cost += levels * costs.WalkLevelNs;
        PteFormat format = world.Format;
        var filled = new NaiveTlb.Entry
        {
            Asid = asid,
            Page = Page(va),
            Pfn = pfn = format.PfnOf(entry),
            Write = (entry & format.Write) != 0,
            Exec = (entry & format.NoExec) == 0,
            Dirty = mm.Shared ? kind == AccessKind.Write : (entry & format.Dirty) != 0,
        };
        second.Fill(filled);
        first.Fill(Copy(filled));
        return true;
    }

    private bool Walk(ulong va, AccessKind kind, long now, out int levels, out ulong entry, ref MmuFault fault)
    {
        PteFormat format = world.Format;
        levels = world.Geometry.Levels.Length;
        var changes = history[Array.IndexOf(world.Mms, mm)];
        int hidden = changes.FindIndex(r =>
            r.Ns > now && r.Cpu != 0 && Page(va) >= r.Vpn && Page(va) - r.Vpn < (ulong)r.Old.Length);
        ulong leafPage = Page(va) >> tableBits;
        NaiveTlb.Entry? cached = settings.WalkCacheEntries > 0 ? walkCache.Find(asid, leafPage) : null;
        WalkResult walk = PageTableWalker.Walk(world.Ram, world.Geometry, mm.Root, va);
        int index = world.Geometry.Levels[^1].IndexOf(va);
        Pfn table = cached is null ? walk.LeafTable : new Pfn(cached.Pfn);
        entry = hidden >= 0 ? changes[hidden].Old[Page(va) - changes[hidden].Vpn]
            : table.IsNone ? 0 : world.Ram.ReadEntry(table, index, format.EntryBytes);

        fault.Present = (entry & format.Present) != 0;
        if (!fault.Present || (entry & format.User) == 0)
            return false;
        if (kind == AccessKind.Write && (entry & format.Write) == 0)
            return false;
        if (kind == AccessKind.Execute && (entry & format.NoExec) != 0)
            return false;
        ulong bits = format.Accessed | (kind == AccessKind.Write ? format.Dirty : 0);
        fault.AccessedDirtyOnly = !format.HardwareAccessedDirty && (entry & bits) != bits;
        if (fault.AccessedDirtyOnly)
            return false;
        fault = default;

        uint holder = hidden >= 0 ? changes[hidden].Table : table.Value;
        if ((hidden >= 0 || mm.Shared) && (entry & bits) != bits && format.HardwareAccessedDirty)
            Bits.Add(new AccessedDirtyOp
            {
                TimeNs = now,
                Va = va,
                Table = holder,
                Pfn = format.PfnOf(entry),
                IsStore = kind == AccessKind.Write,
            });
        entry |= bits;
        if (hidden < 0 && !mm.Shared)
            world.Ram.WriteEntry(table, index, format.EntryBytes, entry);
        if (cached is not null)
        {
            walkCache.Use(cached);
            levels = 1;
            return true;
        }

        if (hidden >= 0)
            table = new Pfn(changes[hidden].Table);
        else
            SetUpperAccessed(va);
        if (settings.WalkCacheEntries > 0)
            walkCache.Fill(new NaiveTlb.Entry { Asid = asid, Page = leafPage, Pfn = table.Value, Exec = false });
        return true;
    }

    private void SetUpperAccessed(ulong va)
    {
        if (!world.Format.HardwareAccessedDirty)
            return;
        Pfn table = mm.Root;
        foreach (PagingLevel level in world.Geometry.Levels.SkipLast(1))
        {
            ulong entry = world.Ram.ReadEntry(table, level.IndexOf(va), world.Format.EntryBytes);
            world.Ram.WriteEntry(table, level.IndexOf(va), world.Format.EntryBytes, entry | world.Format.Accessed);
            table = new Pfn(world.Format.PfnOf(entry));
        }
    }

    private void DropPages(Func<NaiveTlb.Entry, bool> condition)
    {
        data.DropWhere(condition);
        code.DropWhere(condition);
        second.DropWhere(condition);
    }

    private static bool Allows(NaiveTlb.Entry entry, AccessKind kind) => kind switch
    {
        AccessKind.Write => entry.Write && entry.Dirty,
        AccessKind.Execute => entry.Exec,
        _ => true,
    };

    private static NaiveTlb.Entry Copy(NaiveTlb.Entry e) =>
        new() { Asid = e.Asid, Page = e.Page, Pfn = e.Pfn, Write = e.Write, Exec = e.Exec, Dirty = e.Dirty };
}
