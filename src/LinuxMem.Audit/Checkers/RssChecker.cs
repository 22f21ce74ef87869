using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I26: the counters of resident private, file and shared memory pages equal the page-table entries of each
/// kind, that of pages in swap the entries that name slots, and an address space that has ended maps nothing.
/// </summary>
/// <remarks>Linux: kernel/fork.c: check_mm ("BUG: Bad rss-counter state"), v6.18.</remarks>
internal sealed class RssChecker : IChecker
{
    private readonly Dictionary<int, long> swapped = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I26"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<int> frames = index.Uses.PteFrames;
        swapped.Clear();
        foreach (ref SwapPteRecord pte in snapshot.SwapPtes.Items)
            swapped[pte.MmId] = swapped.GetValueOrDefault(pte.MmId) + 1;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            ref MmRecord record = ref snapshot.Mms[mm];
            RecordRange range = index.Mms.Ptes[mm];
            long anon = 0;
            long file = 0;
            long shmem = 0;
            foreach (int frame in frames[range.Start..range.End])
            {
                FramePlace place = frame < 0 ? FramePlace.Untouched : places[frame];
                anon += place is FramePlace.Anon or FramePlace.SwapCache ? 1 : 0;
                file += place == FramePlace.File ? 1 : 0;
                shmem += place == FramePlace.Shmem ? 1 : 0;
            }

            if (record.RssAnon != anon || record.RssFile != file || record.RssShmem != shmem)
            {
                sink.Report("I26", $"mm {record.MmId} counts anon {record.RssAnon}, file {record.RssFile}, "
                    + $"shmem {record.RssShmem}; its tables map {anon}, {file}, {shmem}");
            }

            if (record.SwapEntries != swapped.GetValueOrDefault(record.MmId))
            {
                sink.Report("I26", $"mm {record.MmId} counts {record.SwapEntries} pages in swap; its tables have "
                    + $"{swapped.GetValueOrDefault(record.MmId)}");
            }

            if (record.Users <= 0 && range.Count > 0)
                sink.Report("I26", $"mm {record.MmId} has ended and still maps {range.Count} pages");
        }
    }
}
