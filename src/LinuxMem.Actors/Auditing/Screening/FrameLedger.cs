using System.Runtime.InteropServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Audit;
using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>
/// What is known of every frame from look to look, and which frames must be judged anew: those whose descriptor or
/// whose users have changed.
/// </summary>
internal sealed class FrameLedger
{
    private const int ChunkFrames = 64;
    private readonly MemMap map;
    private readonly IoQueue io;
    private readonly Func<int, bool> isOnDisk;
    private readonly PageFrame[] known;
    private readonly FrameUse[] uses;
    private readonly int[] touchedAt;
    private readonly List<uint> touched = [];
    private int look;

    /// <summary>A ledger that knows nothing.</summary>
    /// <param name="map">The descriptors of all frames.</param>
    /// <param name="io">Which of them I/Os are under way for.</param>
    /// <param name="isOnDisk">Whether an object is a file on a disk.</param>
    public FrameLedger(MemMap map, IoQueue io, Func<int, bool> isOnDisk)
    {
        this.io = io;
        this.isOnDisk = isOnDisk;
        this.map = map;
        known = new PageFrame[map.FrameCount];
        uses = new FrameUse[map.FrameCount];
        touchedAt = new int[map.FrameCount];
        Blocks = new ClaimSet(this, map.FrameCount);
        PerCpu = new ClaimSet(this, map.FrameCount);
        Cached = new ClaimSet(this, map.FrameCount);
        Listed = new ClaimSet(this, map.FrameCount);
        Swapped = new ClaimSet(this, map.FrameCount);
        Forget();
    }

    /// <summary>First frames of free blocks.</summary>
    public ClaimSet Blocks { get; }

    /// <summary>Frames on per-CPU lists.</summary>
    public ClaimSet PerCpu { get; }

    /// <summary>Frames in the page cache.</summary>
    public ClaimSet Cached { get; }

    /// <summary>Frames on lists of page replacement.</summary>
    public ClaimSet Listed { get; }

    /// <summary>Frames in the swap cache.</summary>
    public ClaimSet Swapped { get; }

    /// <summary>Pages of files that are flagged dirty, as of the last look.</summary>
    public long DirtyFilePages { get; private set; }

    /// <summary>Pages that are flagged as being written, as of the last look.</summary>
    public long PagesInWriteback { get; private set; }

    /// <summary>Frames that are flagged as being in the swap cache, as of the last look.</summary>
    public long FramesInSwapCache { get; private set; }

    /// <summary>Frames of RAM.</summary>
    public uint FrameCount => map.FrameCount;

    /// <summary>Whether this look has found something that only a full check can judge.</summary>
    public bool IsSuspect { get; private set; }

    /// <summary>The descriptor of a frame as it is now.</summary>
    public ref PageFrame this[uint pfn] => ref map[new Pfn(pfn)];

    /// <summary>Asks for a full check.</summary>
    public void Suspect() => IsSuspect = true;

    /// <summary>Begins a look.</summary>
    public void Begin()
    {
        look++;
        IsSuspect = false;
        touched.Clear();
        if (look == 1)
        {
            for (uint pfn = 0; pfn < map.FrameCount; pfn++)
                Touch(pfn);
        }
    }

    /// <summary>Asks for a frame to be judged. Precondition: it exists.</summary>
    public void Touch(uint pfn)
    {
        if (touchedAt[pfn] == look)
            return;
        touchedAt[pfn] = look;
        touched.Add(pfn);
    }

    /// <summary>The users of a frame, to be changed. Precondition: it exists.</summary>
    public ref FrameUse Change(uint pfn)
    {
        Touch(pfn);
        return ref uses[pfn];
    }

    /// <summary>An entry that maps a frame came or went.</summary>
    public void Map(uint pfn, bool zeroPage, bool writable, int by)
    {
        ref FrameUse use = ref Change(pfn);
        if (zeroPage)
            use.ZeroMapped += by;
        else
            use.Mapped += by;
        if (writable)
            use.Writable += by;
        if (by < 0)
            return;
        use.Fresh = use.FreshLook == look ? use.Fresh + 1 : 1;
        use.FreshLook = look;
    }

    /// <summary>
    /// Ends a look: finds the descriptors that have changed and judges all frames that were touched.
    /// </summary>
    public void End(ReadOnlySpan<int> blockKeys)
    {
        CompareDescriptors();
        foreach (uint pfn in touched)
        {
            if (!IsFine(pfn, blockKeys))
            {
                Suspect();
                return;
            }
        }
    }

    /// <summary>Forgets everything, so that the next look judges every frame.</summary>
    public void Forget()
    {
        Array.Clear(known);
        Array.Clear(uses);
        Array.Clear(touchedAt);
        Blocks.Clear();
        PerCpu.Clear();
        Cached.Clear();
        Listed.Clear();
        Swapped.Clear();
        DirtyFilePages = PagesInWriteback = FramesInSwapCache = 0;
        look = 0;
    }

    /// <summary>The record of a frame as the snapshot would have it.</summary>
    public FrameRecord RecordOf(uint pfn)
    {
        ref PageFrame frame = ref map[new Pfn(pfn)];
        bool hasIo = io.IsUnderWay(new Pfn(pfn));
        return new FrameRecord
        {
            Pfn = pfn,
            Place = (Audit.Snapshots.FramePlace)frame.Place,
            Order = frame.Order,
            Flags = (FrameFlags)frame.Flags,
            RefCount = frame.RefCount,
            MapCount = frame.MapCount,
            HasIo = hasIo,
            Owner = frame.Owner,
            Index = frame.Index,
            ExtraRefs = uses[pfn].Parked + (Cached.Has(pfn) ? 1 : 0) + (Swapped.Has(pfn) ? 1 : 0)
                + (hasIo ? 1 : 0)
                + SnapshotBuilder.OwnRefs(frame.Place, frame.RefCount, frame.Order),
        };
    }

    private void CompareDescriptors()
    {
        int count = known.Length;
        ReadOnlySpan<PageFrame> now = MemoryMarshal.CreateReadOnlySpan(ref map[new Pfn(0)], count);
        for (int start = 0; start < count; start += ChunkFrames)
        {
            int length = Math.Min(ChunkFrames, count - start);
            ReadOnlySpan<byte> nowBytes = MemoryMarshal.AsBytes(now.Slice(start, length));
            if (nowBytes.SequenceEqual(MemoryMarshal.AsBytes(known.AsSpan(start, length))))
                continue;
            for (int i = start; i < start + length; i++)
                Compare(in now[i], ref known[i], (uint)i);
        }
    }

    private void Compare(in PageFrame now, ref PageFrame was, uint pfn)
    {
        bool samePlace = now.Place == was.Place && now.Owner == was.Owner && now.Index == was.Index
            && now.Flags == was.Flags;
        if (!samePlace || now.RefCount != was.RefCount || now.MapCount != was.MapCount || now.Order != was.Order)
        {
            Touch(pfn);
            ref FrameUse use = ref uses[pfn];
            int entries = use.Mapped + use.ZeroMapped;
            bool allFresh = use.FreshLook == look && use.Fresh == entries;
            // Entries that stayed were judged by what the frame was.
            if (entries > 0 && !allFresh && !samePlace && !IsStillSamePage(in now, in was))
                Suspect();
        }

        DirtyFilePages += Dirty(in now) - Dirty(in was);
        PagesInWriteback += Flagged(in now, PageFlags.Writeback) - Flagged(in was, PageFlags.Writeback);
        FramesInSwapCache += Flagged(in now, PageFlags.SwapCached) - Flagged(in was, PageFlags.SwapCached);
        was = now;
    }

    private static int Dirty(in PageFrame frame) =>
        frame.Place == Mm.MemMaps.FramePlace.File && (frame.Flags & PageFlags.Dirty) != 0 ? 1 : 0;

    private static int Flagged(in PageFrame frame, PageFlags flag) => (frame.Flags & flag) != 0 ? 1 : 0;

    private static bool IsStillSamePage(in PageFrame now, in PageFrame was)
    {
        if (now.Place != was.Place || ((now.Flags ^ was.Flags) & PageFlags.ZeroPage) != 0)
            return false;
        return now.Place == Mm.MemMaps.FramePlace.Anon || (now.Owner == was.Owner && now.Index == was.Index);
    }

    private bool IsFine(uint pfn, ReadOnlySpan<int> blockKeys)
    {
        ref FrameUse use = ref uses[pfn];
        FrameClaims claims = ClaimsOf(pfn, in use);
        ref PageFrame frame = ref map[new Pfn(pfn)];
        if (use.Inside > 0)
            return use.Inside == 1 && claims == FrameClaims.None && frame.Place == Mm.MemMaps.FramePlace.Untouched;
        if (use.Tables > 1 || use.Mapped < 0 || use.Writable < 0 || use.ZeroMapped < 0)
            return false;
        if (frame.Place == Mm.MemMaps.FramePlace.Untouched
            || (Blocks.Has(pfn) && frame.Order != FreeBlockScreen.OrderOf(blockKeys[(int)pfn])))
            return false;
        FrameRecord record = RecordOf(pfn);
        return ScreenRules.FrameIsFine(in record, claims, use.Mapped, use.Writable)
            && !(ScreenRules.MissesStores(in record, use.Writable) && isOnDisk(record.Owner));
    }

    private FrameClaims ClaimsOf(uint pfn, in FrameUse use)
    {
        var claims = FrameClaims.None;
        if (Blocks.Has(pfn))
            claims |= FrameClaims.Buddy;
        if (PerCpu.Has(pfn))
            claims |= FrameClaims.Pcp;
        if (use.Tables > 0)
            claims |= FrameClaims.Table;
        if (Listed.Has(pfn))
            claims |= FrameClaims.Listed;
        if (Cached.Has(pfn))
            claims |= FrameClaims.Cache;
        if (use.Parked > 0)
            claims |= FrameClaims.Parked;
        if (use.Mapped != 0)
            claims |= FrameClaims.Mapped;
        if (use.ZeroMapped != 0)
            claims |= FrameClaims.ZeroMapped;
        return claims;
    }
}
