using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>One CPU's page walks: the page-walk cache, the changes that are hidden from this CPU, accessed and dirty
/// bits.</summary>
internal sealed unsafe class WalkUnit : IDisposable
{
    private readonly int cpu;
    private readonly int pageShift;
    private readonly int leafShift;
    private readonly ulong leafMask;
    private readonly HardwareWalker walker;
    private readonly LeafPrefetcher prefetcher;
    private readonly TlbArena? walkArena;
    private readonly Tlb<RecencyReplacement>? walkCache;

    /// <summary>Walks of tables in that RAM, with an empty walk cache. Precondition: the settings are valid.</summary>
    public WalkUnit(int cpu, PhysicalMemory ram, PagingGeometry geometry, TlbSettings tlb, ulong seed)
    {
        this.cpu = cpu;
        pageShift = geometry.PageShift;
        leafShift = pageShift + geometry.Levels[^1].Bits;
        leafMask = TlbTag.AddressMask(leafShift);
        Rights = new EntryRights(geometry.Format);
        walker = new HardwareWalker(ram, geometry);
        prefetcher = new LeafPrefetcher(walker, leafShift);
        if (tlb.WalkCacheEntries == 0)
            return;
        TlbShape shape = tlb.WalkCacheShape;
        walkArena = new TlbArena(seed, false, shape);
        walkCache = new Tlb<RecencyReplacement>(walkArena, shape, 0, 0, leafShift);
    }

    /// <summary>
    /// So many changes of the address space's history were made before the CPU left the kernel: they are not hidden
    /// from its walks.
    /// </summary>
    public long KnownChanges { get; set; }

    /// <summary>Bits that the kernel is to set in tables of shared mms.</summary>
    public AccessedDirtyLog Bits { get; } = new();

    /// <summary>What leaf entries must look like.</summary>
    public EntryRights Rights { get; }

    /// <summary>
    /// Finds the leaf entry of a canonical address, checks it and sets its accessed and dirty bits, or has them set. A
    /// fault changes nothing.
    /// </summary>
    /// <returns>The number of entries read, 0 for a fault; <paramref name="entry"/> is the entry either way.</returns>
    public int Walk(
        MmContext mm, ushort asid, ulong va, AccessKind kind, long nowNs, ref long tick, out ulong entry)
    {
        ulong tag = (va & leafMask) | asid;
        int cached = walkCache is null ? -1 : walkCache.Find(tag);
        int hidden = mm.History.Find(cpu, nowNs, KnownChanges, va >> pageShift, out uint hiddenTable);
        if (hidden >= 0)
        {
            entry = mm.History.EntryAt(hidden);
            return UseHidden(ref entry, va, hiddenTable, kind, nowNs) ? CostOf(cached, tag, hiddenTable, ref tick) : 0;
        }

        bool upperAccessed = true;
        uint table;
        if (cached >= 0)
        {
            table = (uint)walkCache!.DataAt(cached);
        }
        else if (!walker.TryFindLeafTable(mm.Root.Value, va, out table, out upperAccessed))
        {
            entry = 0;
            return 0;
        }

        byte* leaf = walker.LeafAt(table, va);
        entry = walker.Load(leaf);
        if (!Rights.Permit(entry, kind))
            return 0;
        ulong bits = Rights.BitsToSet(kind);
        if ((entry & bits) != bits && mm.Shared)
            Bits.Add(nowNs, va, table, FrameOf(entry, va), kind == AccessKind.Write);
        else if ((entry & bits) != bits)
            walker.SetBits(leaf, bits, atomic: false);
        if (!upperAccessed)
            walker.SetUpperAccessed(mm.Root.Value, va, mm.Shared);
        entry |= bits;
        return CostOf(cached, tag, table, ref tick);
    }

    // The entries that a walk without a fault reads; the walk cache remembers the leaf table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CostOf(int cached, ulong tag, uint table, ref long tick)
    {
        if (cached >= 0)
        {
            walkCache!.Touch(cached, ++tick);
            return 1;
        }

        prefetcher.Remember(tag, table); // The tag has the address bits that count.
        walkCache?.Fill(tag, TlbData.Make(table, 0), ++tick);
        return walker.LevelCount;
    }

    /// <summary>
    /// Checks an entry which the kernel has changed, but not yet for this CPU. In every respect, the walk cache
    /// included, the walk is what it would have been had this CPU come by before the kernel did.
    /// </summary>
    private bool UseHidden(ref ulong entry, ulong va, uint table, AccessKind kind, long nowNs)
    {
        if (!Rights.Permit(entry, kind))
            return false;
        ulong bits = Rights.BitsToSet(kind);
        if ((entry & bits) != bits)
            Bits.Add(nowNs, va, table, FrameOf(entry, va), kind == AccessKind.Write);
        entry |= bits;
        return true;
    }

    /// <summary>The frame that a present entry names.</summary>
    public uint FrameOf(ulong entry, ulong va) => walker.FrameOf(entry, va);

    /// <summary>Has the host fetch what is likely to be an address's leaf entry; no simulated effect.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong va) => prefetcher.Fetch(va);

    /// <summary>Forgets the leaf tables that cover the pages from <paramref name="first"/> to
    /// <paramref name="last"/>.</summary>
    public void Invalidate(ushort asid, ulong first, ulong last)
    {
        int tableBits = leafShift - pageShift;
        walkCache?.DropRange(asid, first >> tableBits, (last >> tableBits) - (first >> tableBits) + 1);
    }

    /// <summary>Forgets an address space's leaf tables.</summary>
    public void FlushAsid(ushort asid) => walkCache?.DropAsid(asid);

    /// <summary>Forgets all leaf tables.</summary>
    public void FlushAll() => walkCache?.DropAll();

    /// <summary>Adds the walk cache's entries in the order of slots.</summary>
    public void Export(List<TlbEntryInfo> into) => walkCache?.Export(TlbLevel.WalkCache, pageShift, into);

    /// <summary>The storage of the walk cache; null if there is none.</summary>
    public TlbArena? Arena => walkArena;

    /// <inheritdoc/>
    public void Dispose() => walkArena?.Dispose();
}
