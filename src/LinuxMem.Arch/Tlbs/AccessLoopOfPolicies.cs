using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>The access loop itself.</summary>
/// <remarks>
/// Each of its loops is a method that is called once for every piece of a batch, never one that runs for good: the
/// runtime replaces a method by its optimised form at the next call. What happens to a single access depends on its
/// start time and on the caches alone, so where a run is cut by deadlines changes nothing.
/// </remarks>
/// <typeparam name="TData">Replacement of the first-level data TLB.</typeparam>
/// <typeparam name="TCode">Replacement of the first-level code TLB.</typeparam>
internal sealed unsafe class AccessLoop<TData, TCode> : AccessLoop
    where TData : struct, ITlbReplacement<TData>
    where TCode : struct, ITlbReplacement<TCode>
{
    /// <summary>How many accesses ahead page tables are fetched: a few times 50 ns, the time of a walk, hide a wait for
    /// memory.</summary>
    private const int PrefetchDistance = 4;

    private readonly TranslationUnit unit;
    private readonly TData data;
    private readonly TCode code;
    private readonly TlbLine* lines;
    private readonly ushort* hints;
    private readonly ulong tagMask;
    private readonly int pageShift;
    private readonly int hitNs;
    private readonly ContentWriter contents;
    private readonly MissLoop? misses;

    /// <summary>A loop over the unit's first level.</summary>
    public AccessLoop(TranslationUnit unit, int hitNs, ContentWriter contents, MissLoop? misses)
    {
        this.unit = unit;
        this.hitNs = hitNs;
        data = TData.Over(unit.FirstArena);
        code = TCode.Over(unit.FirstArena);
        lines = unit.FirstArena.Lines;
        hints = unit.Hints.Slots;
        tagMask = unit.TagMask;
        pageShift = unit.PageShift;
        this.contents = contents;
        this.misses = misses;
    }

    /// <inheritdoc/>
    public override MmuStop Run(
        AccessBatch batch, TaskAccesses task, ref long nowNs, long untilNs, out MmuFault fault)
    {
        fault = default;
        contents.Begin(unit.Mm!, task);
        while (!batch.AccessesDone)
        {
            if (nowNs >= untilNs)
                return MmuStop.Deadline;
            ref AccessRun run = ref batch.Runs[batch.RunIndex];
            int before = batch.DoneInRun;
            bool faulted = !run.IsScatter ? Strided(batch, run, ref nowNs, untilNs, ref fault)
                : contents.IsOn ? Scattered<Kept>(batch, run, ref nowNs, untilNs, ref fault)
                : Scattered<NotKept>(batch, run, ref nowNs, untilNs, ref fault);
            int done = batch.DoneInRun - before;
            unit.Counters.Accesses += done;
            task.Accesses += done;
            if (faulted)
                return MmuStop.Fault;
            if (batch.DoneInRun < run.Count)
                continue;
            batch.RunIndex++;
            batch.DoneInRun = 0;
        }

        return MmuStop.BatchDone;
    }

    /// <summary>Carries on a scatter. Returns whether it ended in a fault.</summary>
    private bool Scattered<TContents>(
        AccessBatch batch, in AccessRun run, ref long nowNs, long untilNs, ref MmuFault fault)
        where TContents : struct
    {
        int done = batch.DoneInRun;
        int hits = 0;
        bool faulted = false;
        fixed (ulong* entries = &batch.Scatter[(int)run.Start])
        {
            while (true)
            {
                // Misses come in rows, too: Translate knows first-level hits as well, it is only slower at them.
                if (!unit.IsMissing)
                {
                    int inRow = Hits<TContents>(entries + done, run.Count - done, ref nowNs, untilNs);
                    hits += inRow;
                    done += inRow;
                }

                if (done == run.Count || nowNs >= untilNs)
                    break;
                if (unit.IsMissing && misses is not null)
                {
                    done += misses.Run(entries + done, run.Count - done, ref nowNs, untilNs);
                    if (done == run.Count || nowNs >= untilNs)
                        break;
                }

                ulong va = ScatterEntry.AddressOf(entries[done]);
                AccessKind kind = ScatterEntry.KindOf(entries[done]);
                // A walk is seldom alone: let the host fetch what one a few accesses on will read.
                if (unit.IsWalking && done + PrefetchDistance < run.Count)
                    unit.Prefetch(ScatterEntry.AddressOf(entries[done + PrefetchDistance]));
                int slot = unit.Translate(va, kind, nowNs, ref fault);
                faulted = slot < 0;
                if (faulted)
                    break;
                if (typeof(TContents) == typeof(Kept))
                    contents.One(nowNs, va, kind, lines[slot].Data);
                nowNs += hitNs + unit.ExtraNs;
                done++;
            }
        }

        batch.DoneInRun = done;
        unit.Counters.L1Hits += hits;
        return faulted;
    }

    /// <summary>Carries out accesses as long as hints answer them. Returns how many.</summary>
    /// <remarks>Never inlined: in a larger method its locals would not get the registers.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Hits<TContents>(ulong* entries, int count, ref long nowNs, long untilNs)
        where TContents : struct
    {
        // Everything in locals: the compiler cannot know that the stores below leave these fields alone.
        TlbLine* allLines = lines;
        ushort* allHints = hints;
        TData dataPolicy = data;
        TCode codePolicy = code;
        ulong mask = tagMask;
        ulong asid = unit.Asid;
        int shift = pageShift;
        int cost = hitNs;
        long now = nowNs;
        long tick = unit.Tick;
        ulong* at = entries;
        ulong* end = entries + InTime(count, untilNs - now, cost);
        for (; at < end; at++)
        {
            ulong access = *at;
            nuint slot = allHints[SlotHints.IndexOf(access, shift)];
            if (((ulong*)(allLines + slot))[access >> 62] != ((access & mask) | asid))
                break;
            tick++;
            if (typeof(TData) == typeof(TCode) || (long)access >= 0)
                dataPolicy.Touch(slot, tick);
            else
                codePolicy.Touch(slot, tick);
            if (typeof(TContents) != typeof(Kept))
                continue;
            contents.One(now, ScatterEntry.AddressOf(access), ScatterEntry.KindOf(access), allLines[slot].Data);
            now += cost;
        }

        int done = (int)(at - entries);
        nowNs += (long)done * cost;
        unit.Tick = tick;
        return done;
    }

    /// <summary>How many of the next accesses start in time if all of them hit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int InTime(int count, long leftNs, int costNs)
    {
        if ((long)count * costNs <= leftNs)
            return count;
        return leftNs <= 0 ? 0 : (int)(((leftNs - 1) / costNs) + 1);
    }

    /// <summary>Carries on a row of accesses, a look-up for each visit to a page. Returns whether it ended in a
    /// fault.</summary>
    private bool Strided(AccessBatch batch, in AccessRun run, ref long nowNs, long untilNs, ref MmuFault fault)
    {
        int done = batch.DoneInRun;
        long now = nowNs;
        long hits = 0;
        bool faulted = false;
        AccessKind kind = run.Kind;
        ulong va = run.Start + (ulong)(run.Stride * done);
        while (done < run.Count && now < untilNs)
        {
            int extraNs = 0;
            bool firstLevel = true;
            int slot = Hit(va, kind);
            if (slot >= 0)
            {
                hits++;
            }
            else
            {
                slot = unit.Translate(va, kind, now, ref fault);
                faulted = slot < 0;
                if (faulted)
                    break;
                extraNs = unit.ExtraNs;
                firstLevel = unit.WasFirstLevelHit;
            }

            // The visit's first access has its translation; the others have it by construction, as far as they start in
            // time.
            int visit = VisitLength(va, run.Stride, run.Count - done);
            int piece = visit;
            long spareNs = untilNs - now - extraNs;
            if (spareNs < (long)visit * hitNs)
                piece = (int)Math.Max(1, (spareNs + hitNs - 1) / hitNs);
            if (contents.IsOn)
                contents.Visit(run, done, visit, piece, now, extraNs, hitNs, lines[slot].Data, !firstLevel);
            hits += piece - 1;
            done += piece;
            now += extraNs + ((long)piece * hitNs);
            va += (ulong)(run.Stride * piece);
        }

        nowNs = now;
        batch.DoneInRun = done;
        unit.Counters.L1Hits += hits;
        return faulted;
    }

    /// <summary>The slot of an access that its hint answers, its use noted; or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Hit(ulong va, AccessKind kind)
    {
        // A tag keeps 58 bits, so that a stray address could pass for another.
        if (kind > AccessKind.Execute || (va + unit.CanonicalBias) >> unit.VirtualBits != 0)
            return -1;
        nuint slot = hints[SlotHints.IndexOf(ScatterEntry.Pack(va, kind), pageShift)];
        if (((ulong*)(lines + slot))[(int)kind] != ((va & tagMask) | unit.Asid))
            return -1;
        if (kind == AccessKind.Execute)
            code.Touch(slot, ++unit.Tick);
        else
            data.Touch(slot, ++unit.Tick);
        return (int)slot;
    }

    /// <summary>How many of the next accesses of a row lie in the page of the first.</summary>
    private int VisitLength(ulong va, long stride, int left)
    {
        ulong offset = va & ((1UL << pageShift) - 1);
        ulong room = stride >= 0 ? (1UL << pageShift) - 1 - offset : offset;
        ulong step = (ulong)(stride < 0 ? -stride : stride);
        if (step > room)
            return 1;
        if (step == 0)
            return left;
        // Both fit 32 bits, whose division is several times as fast.
        return (int)Math.Min((uint)left, ((uint)room / (uint)step) + 1);
    }

    /// <summary>Type argument: contents are kept.</summary>
    private readonly struct Kept;

    /// <summary>Type argument: contents are not kept.</summary>
    private readonly struct NotKept;
}
