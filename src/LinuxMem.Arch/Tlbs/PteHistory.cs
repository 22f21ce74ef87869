using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// Leaf entries as they were before the kernel changed them, for the CPUs that a change has not reached yet: each
/// change becomes visible to other CPUs at one moment of virtual time, however far the host has got with each of them.
/// A CPU that has entered the kernel since the change sees it at once.
/// </summary>
/// <remarks>
/// Since means in the order of the kernel's steps, not of their times: of two steps of one moment the second changes
/// what the first has let a CPU go on with, and how far that CPU has got by then is the window's business.
/// A page that is copied is held besides: from its change until the last TLB has forgotten the original no other CPU
/// finds an entry at all, or it would store to the copy while somebody still loads from the original. Linux:
/// mm/memory.c: wp_page_copy, v6.18, which clears the entry and flushes before it sets the new one.
/// Filled and pruned by the kernel, in the kernel phase; read in the CPU phase by all CPUs at once, which change
/// nothing. A look-up costs O(records), one compare when there are none or all are past.
/// </remarks>
public sealed class PteHistory
{
    private const int NoEntry = 0; // where there is one that no access is allowed by
    private const int FirstUsed = 1;
    private Change[] records = [];
    private ulong[] entries = new ulong[64];
    private int entryCount = FirstUsed;
    private long latestNs = long.MinValue;

    /// <summary>How many records there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many changes have been recorded so far, those that are dropped included.</summary>
    public long Changes { get; private set; }

    /// <summary>From this moment on the tables count for every CPU.</summary>
    internal long QuietFromNs => latestNs;

    /// <summary>Records the change of one entry.</summary>
    /// <param name="changerCpu">The CPU that changes it and sees the new entry at once; -1 for none.</param>
    /// <param name="effectiveNs">When the others see it: a walk at this time or later reads the tables.</param>
    /// <param name="vpn">The virtual page.</param>
    /// <param name="leafTable">Frame of the leaf table that holds the entry.</param>
    /// <param name="oldEntry">The entry before the change.</param>
    public void Record(int changerCpu, long effectiveNs, ulong vpn, uint leafTable, ulong oldEntry) =>
        RecordRange(changerCpu, effectiveNs, vpn, leafTable, new ReadOnlySpan<ulong>(in oldEntry));

    /// <summary>Records the change of neighbouring entries, from <paramref name="firstVpn"/> on.</summary>
    /// <param name="changerCpu">The CPU that changes them and sees the new entries at once; -1 for none.</param>
    /// <param name="effectiveNs">When the others see it.</param>
    /// <param name="firstVpn">The first virtual page.</param>
    /// <param name="leafTable">Frame of the leaf table that holds the entries.</param>
    /// <param name="oldEntries">The entries before the change; 0 where there was none.</param>
    public void RecordRange(
        int changerCpu, long effectiveNs, ulong firstVpn, uint leafTable, ReadOnlySpan<ulong> oldEntries)
    {
        if (oldEntries.IsEmpty)
            return;
        if (Count == records.Length)
            Array.Resize(ref records, Math.Max(16, Count * 2));
        if (entryCount + oldEntries.Length > entries.Length)
            Array.Resize(ref entries, Math.Max(entryCount + oldEntries.Length, entries.Length * 2));
        oldEntries.CopyTo(entries.AsSpan(entryCount));
        records[Count++] = new Change(++Changes, effectiveNs, firstVpn, leafTable, oldEntries.Length, entryCount,
            changerCpu);
        entryCount += oldEntries.Length;
        latestNs = Math.Max(latestNs, effectiveNs);
    }

    /// <summary>
    /// Holds a page back, whose change was recorded last: until a moment a CPU that does not see the old entry any more
    /// finds none, but for the one that made the change. Without a record of it nothing happens.
    /// </summary>
    public void Hold(ulong vpn, long untilNs)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (!records[i].Has(vpn))
                continue;
            records[i] = records[i] with { HeldUntilNs = untilNs };
            latestNs = Math.Max(latestNs, untilNs);
            return;
        }
    }

    /// <summary>Until when a page is held back; 0 if it is not.</summary>
    public long HeldUntilNs(ulong vpn)
    {
        long untilNs = 0;
        foreach (ref readonly Change record in records.AsSpan(0, Count))
            untilNs = record.Has(vpn) ? record.HeldUntilNs : untilNs;
        return untilNs;
    }

    /// <summary>
    /// Drops the records that every CPU is past: those that mean nothing from <paramref name="beforeNs"/> on.
    /// </summary>
    public void Prune(long beforeNs)
    {
        int kept = 0;
        int keptEntries = FirstUsed;
        latestNs = long.MinValue;
        for (int i = 0; i < Count; i++)
        {
            Change record = records[i];
            if (record.LastNs <= beforeNs)
                continue;
            // Records keep their order, so entries only ever move down.
            entries.AsSpan(record.FirstEntry, record.PageCount).CopyTo(entries.AsSpan(keptEntries));
            records[kept++] = record with { FirstEntry = keptEntries };
            keptEntries += record.PageCount;
            latestNs = Math.Max(latestNs, record.LastNs);
        }

        Count = kept;
        entryCount = keptEntries;
    }

    /// <summary>
    /// When the last change of a page that was mapped before, made on another CPU, reaches every CPU; 0 if none is on
    /// its way. Until then nobody may go on to use the new translation: on real machines the page-table lock is held
    /// over the flush. Who made a change has waited for it.
    /// </summary>
    public long SettledNs(ulong vpn, int cpu)
    {
        long settled = 0;
        foreach (ref readonly Change record in records.AsSpan(0, Count))
        {
            bool isOthers = record.Has(vpn) && record.ChangerCpu != cpu;
            if (isOthers && entries[record.EntryOf(vpn)] != 0)
                settled = Math.Max(settled, record.LastNs);
        }

        return settled;
    }

    /// <summary>
    /// The index of the entry that a walk by <paramref name="cpu"/> at <paramref name="nowNs"/> meets instead of the
    /// tables': the oldest change still hidden from it, or none that allows an access where the page is held back; -1
    /// where the tables count. The first <paramref name="knownChanges"/> changes, made before the CPU left the kernel,
    /// are not hidden.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Find(int cpu, long nowNs, long knownChanges, ulong vpn, out uint leafTable)
    {
        leafTable = 0;
        return Count == 0 || nowNs >= latestNs ? -1 : Search(cpu, nowNs, knownChanges, vpn, out leafTable);
    }

    /// <summary>The entry at an index that <see cref="Find"/> gave.</summary>
    internal ulong EntryAt(int index) => entries[index];

    private int Search(int cpu, long nowNs, long knownChanges, ulong vpn, out uint leafTable)
    {
        bool held = false;
        leafTable = 0;
        foreach (ref readonly Change record in records.AsSpan(0, Count))
        {
            if (!record.Has(vpn))
                continue;
            bool isOthers = record.ChangerCpu != cpu;
            if (isOthers && record.EffectiveNs > nowNs && record.Number > knownChanges)
            {
                leafTable = record.LeafTable;
                return held ? NoEntry : record.EntryOf(vpn);
            }

            held = isOthers && record.HeldUntilNs > nowNs;
        }

        return held ? NoEntry : -1;
    }

    private readonly record struct Change(
        long Number, long EffectiveNs, ulong FirstVpn, uint LeafTable, int PageCount, int FirstEntry, int ChangerCpu,
        long HeldUntilNs = 0)
    {
        /// <summary>From this moment on it means nothing.</summary>
        public long LastNs => Math.Max(EffectiveNs, HeldUntilNs);

        public bool Has(ulong vpn) => vpn - FirstVpn < (ulong)PageCount;

        /// <summary>Where the old entry of a page of it is. Precondition: <see cref="Has"/>.</summary>
        public int EntryOf(ulong vpn) => FirstEntry + (int)(vpn - FirstVpn);
    }
}
