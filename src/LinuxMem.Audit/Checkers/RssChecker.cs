using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I26: the counters of resident private, file and shared memory pages equal the page-table entries of each kind, and an
/// address space that has ended maps nothing. Does not verify swapped pages, of which snapshots know nothing yet.
/// </summary>
/// <remarks>Linux: kernel/fork.c: check_mm ("BUG: Bad rss-counter state"), v6.18.</remarks>
internal sealed class RssChecker : IChecker
{
    private readonly long[] counts = new long[256];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I26"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<int> frames = index.Uses.PteFrames;
        for (int mm = 0; mm < snapshot.Mms.Count; mm++)
        {
            ref MmRecord record = ref snapshot.Mms[mm];
            RecordRange range = index.Mms.Ptes[mm];
            Array.Clear(counts);
            for (int i = range.Start; i < range.End; i++)
            {
                if (frames[i] >= 0)
                    counts[(int)places[frames[i]]]++;
            }

            long anon = counts[(int)FramePlace.Anon] + counts[(int)FramePlace.SwapCache];
            long file = counts[(int)FramePlace.File];
            long shmem = counts[(int)FramePlace.Shmem];
            if (record.RssAnon != anon || record.RssFile != file || record.RssShmem != shmem)
            {
                sink.Report("I26", $"mm {record.MmId} counts anon {record.RssAnon}, file {record.RssFile}, "
                    + $"shmem {record.RssShmem}; its tables map {anon}, {file}, {shmem}");
            }

            if (record.Users <= 0 && range.Count > 0)
                sink.Report("I26", $"mm {record.MmId} has ended and still maps {range.Count} pages");
        }
    }
}
