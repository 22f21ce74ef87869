using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// Rows of scattered loads and stores that the first level does not have: what <see cref="TranslationUnit.Translate"/>
/// does, written out for the usual machine. Whatever is unusual (a fault, a fetch, an entry without the right, a hidden
/// change, a missing table) ends the row before the access, and is left to the general way.
/// </summary>
/// <remarks>
/// The tables above the leaves change in the kernel phase alone, so where leaf entries lie can be found out for several
/// accesses at once, and the host fetches all of them at the same time.
/// </remarks>
internal sealed unsafe class MissLoop
{
    private const int FirstWays = 4;
    private const int SecondWays = 12;
    private const int CacheWays = 4;
    private const int Ahead = 8;
    private const ulong Stored = TlbData.Write | TlbData.Dirty;

    private readonly TranslationUnit unit;
    private readonly ContentWriter contents;
    private readonly Ways first;
    private readonly Ways second;
    private readonly Ways cache;
    private readonly TlbLine* lines;
    private readonly ushort* hints;
    private readonly UpperTables upper;
    private readonly ulong pfnMask;
    private readonly ulong accessed;
    private readonly ulong dirty;
    private readonly ulong writable;
    private readonly ulong noExec;
    private readonly ulong frameCount;
    private readonly ulong canonicalBias;
    private readonly int virtualBits;
    private readonly ulong tagMask;
    private readonly ulong leafMask;
    private readonly ulong readBits;
    private readonly ulong writeBits;
    private readonly int pageShift;
    private readonly int hitNs;
    private readonly int secondNs;
    private readonly int levelNs;
    private readonly int walkNs;
    private readonly int levelCount;
    private byte* top;
    private bool shared;
    private long quietFromNs;
    private int walked;
    private int cachedWalks;
    private int l2Hits;

    /// <summary>A loop over a unit's caches. Precondition: <see cref="Fits"/>.</summary>
    public MissLoop(TranslationUnit unit, TlbSettings tlb, MmuCosts costs, PhysicalMemory ram, PagingGeometry geometry,
        ContentWriter contents)
    {
        this.unit = unit;
        this.contents = contents;
        pageShift = geometry.PageShift;
        upper = new UpperTables(ram, geometry);
        first = new Ways(unit.FirstArena, pageShift, tlb.L1Data.Sets);
        second = new Ways(unit.SecondArena, pageShift, tlb.L2.Sets);
        cache = new Ways(unit.WalkArena!, upper.LeafShift, tlb.WalkCacheShape.Sets);
        lines = unit.FirstArena.Lines;
        hints = unit.Hints.Slots;
        tagMask = unit.TagMask;
        leafMask = TlbTag.AddressMask(upper.LeafShift);
        canonicalBias = unit.CanonicalBias;
        virtualBits = unit.VirtualBits;
        PteFormat format = geometry.Format;
        pfnMask = format.PfnMask;
        accessed = format.Accessed;
        dirty = format.Dirty;
        writable = format.Write;
        noExec = format.NoExec;
        frameCount = ram.FrameCount;
        readBits = format.Present | format.User;
        writeBits = readBits | format.Write;
        hitNs = costs.HitNs;
        secondNs = costs.L2HitNs;
        levelNs = costs.WalkLevelNs;
        levelCount = geometry.Levels.Length;
        walkNs = levelNs * levelCount;
    }

    /// <summary>Whether it can be used: the default shapes with exact LRU, entries of eight bytes whose accessed and
    /// dirty bits hardware sets, and a host with vectors.</summary>
    public static bool Fits(TlbSettings tlb, PagingGeometry geometry) =>
        Vector256.IsHardwareAccelerated && UpperTables.Fits(geometry) && geometry.Format.HardwareAccessedDirty
        && tlb.L1Data is { Ways: FirstWays, Replacement: TlbReplacement.Lru }
        && tlb.L2 is { Ways: SecondWays, Replacement: TlbReplacement.Lru }
        && tlb.WalkCacheEntries > 0 && tlb.WalkCacheShape.Ways == CacheWays;

    /// <summary>Carries out accesses as long as they are usual. Returns how many.</summary>
    /// <param name="entries">The accesses, as in <see cref="ScatterEntry"/>.</param>
    /// <param name="count">How many there are, at least one.</param>
    /// <param name="nowNs">The clock; moves on.</param>
    /// <param name="untilNs">The first moment at which no access may start.</param>
    [SkipLocalsInit]
    public int Run(ulong* entries, int count, ref long nowNs, long untilNs)
    {
        byte** leaves = stackalloc byte*[Ahead];
        MmContext mm = unit.Mm!;
        top = upper.TableAt(mm.Root.Value);
        shared = mm.Shared;
        quietFromNs = mm.History.QuietFromNs;
        walked = cachedWalks = l2Hits = 0;
        int done = 0;
        int walks = 0;
        while (true)
        {
            int piece = Math.Min(Ahead, count - done);
            // Looking ahead pays where most accesses walk.
            bool looks = walked > Ahead / 2;
            if (looks)
                LookAhead(entries + done, piece, leaves);
            walked = 0;
            int inPiece = contents.IsOn
                ? Piece<Kept>(entries + done, piece, looks ? leaves : null, ref nowNs, untilNs)
                : Piece<NotKept>(entries + done, piece, looks ? leaves : null, ref nowNs, untilNs);
            done += inPiece;
            walks += walked;
            if (inPiece < piece || done == count || !unit.IsMissing)
                break;
        }

        unit.Counters.Walks += walks;
        unit.Counters.WalkLevels += ((walks - cachedWalks) * levelCount) + cachedWalks;
        unit.Counters.L2Hits += l2Hits;
        return done;
    }

    private void LookAhead(ulong* entries, int count, byte** leaves)
    {
        for (int i = 0; i < count; i++)
        {
            byte* leaf = upper.FindLeaf(top, ScatterEntry.AddressOf(entries[i]));
            leaves[i] = leaf;
            if (Sse.IsSupported)
                Sse.Prefetch0(leaf);
        }
    }

    private int Piece<TContents>(ulong* entries, int count, byte** leaves, ref long nowNs, long untilNs)
        where TContents : struct
    {
        long now = nowNs;
        long tick = unit.Tick;
        ulong asid = unit.Asid;
        int hits = 0;
        int i = 0;
        for (; i < count && now < untilNs; i++)
        {
            ulong access = entries[i];
            ulong va = ScatterEntry.AddressOf(access);
            if ((long)access < 0 || (va + canonicalBias) >> virtualBits != 0)
                break;
            ulong right = access >> 62 == 0 ? 0 : Stored;
            ulong tag = (va & tagMask) | asid;
            int extraNs = 0;
            int slot = first.SetOf(tag) * FirstWays;
            uint equal = first.EqualOfFour(slot, tag);
            if (equal != 0)
            {
                slot += BitOperations.TrailingZeroCount(equal);
                if ((first.Data[slot] & right) != right)
                    break;
                first.Stamps[slot] = ++tick;
                hits++;
            }
            else
            {
                byte* leaf = leaves is null ? null : leaves[i];
                ulong data = Look(tag, va, right, leaf, now, ref extraNs);
                if (data == 0)
                    break;
                slot += WaySearch.IndexOfMin(first.Stamps + slot, FirstWays);
                FillFirst(slot, tag, data, ++tick);
            }

            hints[SlotHints.IndexOf(access, pageShift)] = (ushort)slot;
            if (typeof(TContents) == typeof(Kept))
                contents.One(now, va, ScatterEntry.KindOf(access), lines[slot].Data);
            now += hitNs + extraNs;
        }

        nowNs = now;
        unit.Tick = tick;
        unit.Counters.L1Hits += hits;
        unit.IsMissing = hits < Ahead / 2;
        return i;
    }

    /// <summary>Looks a page up in the second level and in the tables. Returns what the first level is to hold; 0, with
    /// nothing done, where the general way must.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Look(ulong tag, ulong va, ulong right, byte* leaf, long nowNs, ref int extraNs)
    {
        int set = second.SetOf(tag);
        int slot = set * SecondWays;
        ulong order = second.Orders[set];
        ulong data;
        if (second.IsAmongTwelve(slot, tag))
        {
            int way = WaySearch.IndexOf(second.Tags + slot, SecondWays, tag);
            data = second.Data[slot + way];
            if ((data & right) != right)
                return 0;
            second.Orders[set] = RecencyReplacement.UsedFirst(order, way);
            l2Hits++;
            extraNs = secondNs;
            return data;
        }

        if (nowNs < quietFromNs)
            return 0;
        data = Walk(va, right != 0, (va & leafMask) | (tag & (TlbTag.AsidCountMax - 1)), leaf, nowNs, ref extraNs);
        if (data == 0)
            return 0;
        int last = RecencyReplacement.LastOf(order, SecondWays);
        second.Orders[set] = RecencyReplacement.LastFirst(order, last, SecondWays);
        second.Tags[slot + last] = tag;
        second.Data[slot + last] = data;
        return data;
    }

    /// <summary>Walks, and returns what a TLB is to hold; 0, with nothing done, where the general way must.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Walk(ulong va, bool write, ulong tag, byte* leaf, long nowNs, ref int extraNs)
    {
        int set = cache.SetOf(tag);
        int slot = set * CacheWays;
        ulong order = cache.Orders[set];
        uint equal = cache.EqualOfFour(slot, tag);
        if (equal != 0)
            leaf = upper.LeafAt((uint)cache.Data[slot + BitOperations.TrailingZeroCount(equal)], va);
        else if (leaf is null)
            leaf = upper.FindLeaf(top, va);
        if (leaf is null)
            return 0;
        ulong entry = *(ulong*)leaf;
        ulong needed = write ? writeBits : readBits;
        ulong frame = (entry & pfnMask) >> pageShift;
        if ((entry & needed) != needed || frame >= frameCount)
            return 0;
        ulong bits = write ? accessed | dirty : accessed;
        if ((entry & bits) != bits)
            SetBits((ulong*)leaf, bits, va, write, nowNs);
        walked++;
        if (equal != 0)
        {
            cache.Orders[set] = RecencyReplacement.UsedFirst(order, BitOperations.TrailingZeroCount(equal));
            cachedWalks++;
            extraNs = levelNs;
        }
        else
        {
            int last = RecencyReplacement.LastOf(order, CacheWays);
            cache.Orders[set] = RecencyReplacement.LastFirst(order, last, CacheWays);
            cache.Tags[slot + last] = tag;
            cache.Data[slot + last] = TlbData.Make(upper.FrameOfTable(leaf), 0);
            extraNs = walkNs;
        }

        bool isDirty = shared ? write : ((entry | bits) & dirty) != 0;
        return TlbData.Make((uint)frame, ((entry & writable) != 0 ? TlbData.Write : 0)
            | ((entry & noExec) == 0 ? TlbData.Exec : 0) | (isDirty ? TlbData.Dirty : 0));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetBits(ulong* entry, ulong bits, ulong va, bool write, long nowNs)
    {
        if (shared)
            unit.Bits.Add(nowNs, va, upper.FrameOfTable((byte*)entry), (uint)((*entry & pfnMask) >> pageShift), write);
        else
            *entry |= bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FillFirst(int slot, ulong tag, ulong data, long tick)
    {
        first.Tags[slot] = tag;
        first.Data[slot] = data;
        first.Stamps[slot] = tick;
        TlbLine* line = lines + slot;
        line->Read = tag;
        line->Write = (data & Stored) == Stored ? tag : TlbTag.Empty;
        line->Execute = (data & TlbData.Exec) != 0 ? tag : TlbTag.Empty;
        line->Data = data;
    }

    /// <summary>The storage of one TLB.</summary>
    private readonly struct Ways(TlbArena arena, int shift, int sets)
    {
        public readonly ulong* Tags = arena.Tags;
        public readonly ulong* Data = arena.Data;
        public readonly long* Stamps = arena.Stamps;
        public readonly ulong* Orders = arena.Trees;
        private readonly int setMask = sets - 1;
        private readonly int shift = shift;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int SetOf(ulong tag) => (int)(tag >> shift) & setMask;

        /// <summary>A bit for each of four slots that holds the tag.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint EqualOfFour(int slot, ulong tag) =>
            Vector256.Equals(Vector256.Load(Tags + slot), Vector256.Create(tag)).ExtractMostSignificantBits();

        /// <summary>Whether one of twelve slots holds the tag.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsAmongTwelve(int slot, ulong tag)
        {
            var needle = Vector256.Create(tag);
            Vector256<ulong> equal = Vector256.Equals(Vector256.Load(Tags + slot), needle)
                | Vector256.Equals(Vector256.Load(Tags + slot + 4), needle)
                | Vector256.Equals(Vector256.Load(Tags + slot + 8), needle);
            return equal != Vector256<ulong>.Zero;
        }
    }

    /// <summary>Type argument: contents are kept.</summary>
    private readonly struct Kept;

    /// <summary>Type argument: contents are not kept.</summary>
    private readonly struct NotKept;
}
