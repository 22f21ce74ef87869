using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// One CPU's translation caches and everything that happens when a hint does not answer at once: the search of the
/// first level, the second level, the walk, the fill, the fault.
/// </summary>
internal sealed unsafe class TranslationUnit : IDisposable
{
    private readonly PteFormat format;
    private readonly MmuCosts costs;
    private readonly Tlb data;
    private readonly Tlb code;
    private readonly Tlb second;
    private readonly WalkUnit walks;
    private readonly TlbArena secondArena;
    private readonly List<int> changed = [];

    /// <summary>Empty caches over some RAM. Preconditions: settings and costs are valid.</summary>
    public TranslationUnit(
        int cpu, PhysicalMemory ram, PagingGeometry geometry, TlbSettings tlb, MmuCosts costs, ulong seed)
    {
        this.costs = costs;
        format = geometry.Format;
        PageShift = geometry.PageShift;
        TagMask = TlbTag.AddressMask(PageShift);
        CanonicalBias = PageTableWalker.CanonicalBias(geometry);
        VirtualBits = geometry.VirtualBits;

        FirstArena = new TlbArena(seed, true, tlb.L1Data, tlb.L1Code);
        data = Tlb.Create(FirstArena, tlb.L1Data, 0, 0, PageShift);
        code = Tlb.Create(FirstArena, tlb.L1Code, tlb.L1Data.EntryCount, tlb.L1Data.Sets, PageShift);
        Hints = new SlotHints(tlb.L1Data.EntryCount);
        secondArena = new TlbArena(seed + 1, false, tlb.L2);
        second = Tlb.Create(secondArena, tlb.L2, 0, 0, PageShift);
        walks = new WalkUnit(cpu, ram, geometry, tlb, seed + 2);
    }

    /// <summary>The storage of both first-level TLBs.</summary>
    public TlbArena FirstArena { get; }

    /// <summary>The storage of the second level.</summary>
    public TlbArena SecondArena => secondArena;

    /// <summary>The storage of the walk cache; null if there is none.</summary>
    public TlbArena? WalkArena => walks.Arena;

    /// <summary>Where pages were last found in the first level.</summary>
    public SlotHints Hints { get; }

    /// <summary>log2 of the page size.</summary>
    public int PageShift { get; }

    /// <summary>The address bits of tags.</summary>
    public ulong TagMask { get; }

    /// <summary>With <see cref="VirtualBits"/>: an address is canonical if it plus this is below
    /// 2^VirtualBits.</summary>
    public ulong CanonicalBias { get; }

    /// <summary>Bits of an address that the tables translate.</summary>
    public int VirtualBits { get; }

    /// <summary>The address space now loaded.</summary>
    public MmContext? Mm { get; private set; }

    /// <summary>Its tag.</summary>
    public ushort Asid { get; private set; }

    /// <summary>Changes that are not hidden from its walks (<see cref="PteHistory.Changes"/>).</summary>
    public long KnownChanges
    {
        get => walks.KnownChanges;
        set => walks.KnownChanges = value;
    }

    /// <summary>Bits that the kernel is to set in tables of shared mms.</summary>
    public AccessedDirtyLog Bits => walks.Bits;

    /// <summary>What was done so far.</summary>
    public MmuCounters Counters;

    /// <summary>Grows with every use of an entry; what replacement policies tell time by.</summary>
    public long Tick;

    /// <summary>What the last successful <see cref="Translate"/> cost beside the access itself, in
    /// nanoseconds.</summary>
    public int ExtraNs;

    /// <summary>Whether it was answered by the first level.</summary>
    public bool WasFirstLevelHit;

    /// <summary>Whether the last access that needed <see cref="Translate"/> went to the tables: the next one may,
    /// too.</summary>
    public bool IsWalking;

    /// <summary>Whether the first level did not have the last access that needed <see cref="Translate"/>: hints are
    /// unlikely to answer the next one.</summary>
    public bool IsMissing;

    /// <summary>Loads an address space; flushes nothing.</summary>
    public void Load(MmContext mm, ushort asid)
    {
        Mm = mm;
        Asid = asid;
    }

    /// <summary>
    /// Translates one access that its hint did not answer. On success counts it as one access of its level, updates the
    /// caches and sets accessed and dirty bits. A fault changes nothing, except that an entry which lacked the right is
    /// dropped.
    /// </summary>
    /// <returns>The page's slot in <see cref="FirstArena"/>, or -1 with <paramref name="fault"/> filled in.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    public int Translate(ulong va, AccessKind kind, long nowNs, ref MmuFault fault)
    {
        if (kind > AccessKind.Execute)
            ThrowBadKind(va, kind);
        if ((va + CanonicalBias) >> VirtualBits != 0)
            return Fault(va, kind, 0, ref fault, nonCanonical: true);

        ulong tag = (va & TagMask) | Asid;
        Tlb first = kind == AccessKind.Execute ? code : data;
        int slot = first.Find(tag);
        if (slot >= 0 && first.Allows(slot, kind))
        {
            first.Touch(slot, ++Tick);
            Counters.L1Hits++;
            IsMissing = false;
            IsWalking = false;
            return Found(slot, va, kind, 0, firstLevel: true);
        }

        IsMissing = true;
        int found = slot >= 0 ? -1 : second.Find(tag);
        if (found >= 0 && second.Allows(found, kind))
        {
            second.Touch(found, ++Tick);
            Counters.L2Hits++;
            IsWalking = false;
            return Found(first.Fill(tag, second.DataAt(found), Tick), va, kind, costs.L2HitNs, firstLevel: false);
        }

        // An entry that forbids the access may be out of date: the tables decide, and nothing of it may stay behind.
        if (slot >= 0 || found >= 0)
            DropPage(tag);
        IsWalking = true;
        int levels = walks.Walk(Mm!, Asid, va, kind, nowNs, ref Tick, out ulong entry);
        if (levels == 0)
            return Fault(va, kind, entry, ref fault, nonCanonical: false);
        Counters.Walks++;
        Counters.WalkLevels += levels;
        ulong filled = DataOf(entry, kind, va);
        second.Fill(tag, filled, ++Tick);
        return Found(first.Fill(tag, filled, Tick), va, kind, costs.WalkLevelNs * levels, firstLevel: false);
    }

    /// <summary>Has the host fetch the leaf entry of an address that is likely to be walked soon; no simulated
    /// effect.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong va) => walks.Prefetch(va);

    /// <summary>Drops an address space's entries for a range of pages, and what the walk cache has on the way to
    /// them.</summary>
    public void Invalidate(ushort asid, ulong firstVpn, ulong pageCount)
    {
        Counters.Invalidations++;
        if (pageCount == 0)
            return;
        ulong pageMask = TagMask >> PageShift;
        ulong first = firstVpn & pageMask;
        ulong last = first + Math.Min(pageCount - 1, pageMask - first);
        data.DropRange(asid, first, last - first + 1);
        code.DropRange(asid, first, last - first + 1);
        second.DropRange(asid, first, last - first + 1);
        walks.Invalidate(asid, first, last);
    }

    /// <summary>Drops an address space's entries.</summary>
    public void FlushAsid(ushort asid)
    {
        Counters.Flushes++;
        data.DropAsid(asid);
        code.DropAsid(asid);
        second.DropAsid(asid);
        walks.FlushAsid(asid);
    }

    /// <summary>Drops everything.</summary>
    public void FlushAll()
    {
        Counters.Flushes++;
        data.DropAll();
        code.DropAll();
        second.DropAll();
        walks.FlushAll();
    }

    /// <summary>Adds every valid entry: L1 data, L1 code, L2, walk cache, each in the order of its slots.</summary>
    public void Export(List<TlbEntryInfo> into)
    {
        data.Export(TlbLevel.L1Data, PageShift, into);
        code.Export(TlbLevel.L1Code, PageShift, into);
        second.Export(TlbLevel.L2, PageShift, into);
        walks.Export(into);
    }

    /// <summary>Whether any TLB has an entry for a page.</summary>
    public bool Holds(ushort asid, ulong va)
    {
        ulong tag = (va & TagMask) | asid;
        return data.Find(tag) >= 0 || code.Find(tag) >= 0 || second.Find(tag) >= 0;
    }

    /// <summary>Adds the valid entries that a shadow does not have yet, and brings it up to date.</summary>
    public void ExportChanges(TlbShadow shadow, List<TlbEntryInfo> into)
    {
        shadow.TakeOver(0, FirstArena.Words, changed);
        foreach (int slot in changed)
            into.Add(FirstArena.EntryAt(slot, slot < data.EntryCount ? TlbLevel.L1Data : TlbLevel.L1Code, PageShift));
        shadow.TakeOver(1, secondArena.Words, changed);
        foreach (int slot in changed)
            into.Add(secondArena.EntryAt(slot, TlbLevel.L2, PageShift));
        if (walks.Arena is not { } arena)
            return;
        shadow.TakeOver(2, arena.Words, changed);
        foreach (int slot in changed)
            into.Add(arena.EntryAt(slot, TlbLevel.WalkCache, PageShift));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstArena.Dispose();
        secondArena.Dispose();
        walks.Dispose();
        Hints.Dispose();
    }

    private int Found(int slot, ulong va, AccessKind kind, int extraNs, bool firstLevel)
    {
        ExtraNs = extraNs;
        WasFirstLevelHit = firstLevel;
        Hints.Slots[SlotHints.IndexOf(ScatterEntry.Pack(va, kind), PageShift)] = (ushort)slot;
        return slot;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Fault(ulong va, AccessKind kind, ulong entry, ref MmuFault fault, bool nonCanonical)
    {
        Counters.Faults++;
        bool present = (entry & format.Present) != 0;
        fault = new MmuFault
        {
            Address = new VirtAddr(va),
            Kind = kind,
            NonCanonical = nonCanonical,
            Present = present,
            AccessedDirtyOnly = present && walks.Rights.PermitButForAccessedDirty(entry, kind),
        };
        return -1;
    }

    // Out of line, so that the message takes no room among what is inlined.
    [DoesNotReturn]
    private static void ThrowBadKind(ulong va, AccessKind kind) =>
        throw new InvalidOperationException($"access to 0x{va:x}: no such kind of access: {(int)kind}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DropPage(ulong tag)
    {
        data.Drop(tag);
        code.Drop(tag);
        second.Drop(tag);
    }

    private ulong DataOf(ulong entry, AccessKind kind, ulong va)
    {
        bool dirty = Mm!.Shared ? kind == AccessKind.Write : (entry & format.Dirty) != 0;
        ulong granted = ((entry & format.Write) != 0 ? TlbData.Write : 0)
            | ((entry & format.NoExec) == 0 ? TlbData.Exec : 0)
            | (dirty ? TlbData.Dirty : 0);
        return TlbData.Make(walks.FrameOf(entry, va), granted);
    }
}
