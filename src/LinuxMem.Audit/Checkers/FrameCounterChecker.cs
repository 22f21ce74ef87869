using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I52: what /proc/meminfo and /proc/vmstat say of frames equals a recount: mapped private pages, mapped pages
/// of files, the page cache, shared memory, the swap cache, page tables, buffers; and the huge pages that the pool
/// misses are those that somebody has, the promised ones those that somebody may yet take.
/// </summary>
/// <remarks>Linux: mm/vmstat.c, v6.18, where nothing recounts them.</remarks>
internal sealed class FrameCounterChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I52"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ref CounterRecord counters = ref snapshot.Counters;
        long anonMapped = 0, fileMapped = 0, swapCached = 0, tables = 0, shared = 0;
        foreach (ref FrameRecord frame in snapshot.Frames.Items)
        {
            bool isMapped = frame.MapCount > 0;
            anonMapped += isMapped && frame.Place == FramePlace.Anon ? 1 : 0;
            fileMapped += isMapped && frame.Place != FramePlace.Anon ? 1 : 0;
            swapCached += (frame.Flags & FrameFlags.SwapCached) != 0 ? 1 : 0;
            tables += frame.Place == FramePlace.PageTable ? 1 : 0;
            shared += frame.Place == FramePlace.Shmem ? 1 : 0;
        }

        long buffers = 0;
        foreach (ref CachePageRecord page in snapshot.CachePages.Items)
            buffers += page.MappingId == counters.BufferMappingId ? 1 : 0;
        Compare(sink, "nr_anon_pages", counters.AnonMapped, anonMapped);
        Compare(sink, "nr_mapped", counters.FileMapped, fileMapped);
        Compare(sink, "nr_file_pages", counters.FilePages, snapshot.CachePages.Count + swapCached);
        Compare(sink, "nr_shmem", counters.SharedPages, shared);
        Compare(sink, "nr_swapcached", counters.SwapCached, swapCached);
        Compare(sink, "nr_page_table_pages", counters.PageTables, tables);
        Compare(sink, "Buffers", counters.Buffers, buffers);
        Compare(sink, "HugePages_Total less HugePages_Free", counters.HugePool.Used, counters.HugeUsers.Used);
        Compare(sink, "HugePages_Rsvd", counters.HugePool.Promised, counters.HugeUsers.Promised);
    }

    private static void Compare(ViolationSink sink, string name, long counted, long found)
    {
        if (counted != found)
            sink.Report("I52", $"{name} is {counted}, but there are {found}");
    }
}
