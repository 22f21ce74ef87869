using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I07: the count of each per-CPU list equals the frames on it, is at most high + batch, and the frames are
/// of its zone. A CPU that went offline has no list, so that a frame which it still has is of none.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: free_frozen_page_commit, page_alloc_cpu_dead, v6.18.</remarks>
internal sealed class PerCpuListChecker : IChecker
{
    private readonly KeyMap lists = new();
    private int[] counts = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I07"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Span<PcpListRecord> records = snapshot.PcpLists.Items;
        lists.Reset(records.Length);
        Scratch.Zeroed(ref counts, records.Length);
        for (int i = 0; i < records.Length; i++)
        {
            if (!lists.TryAdd(Key(records[i].Cpu, records[i].ZoneIndex), i))
                sink.Report("I07", $"cpu{records[i].Cpu} has two lists of zone {records[i].ZoneIndex}");
        }

        foreach (ref PcpPageRecord page in snapshot.PcpPages.Items)
            CountPage(snapshot, in page, sink);
        for (int i = 0; i < records.Length; i++)
        {
            ref PcpListRecord list = ref records[i];
            if (list.CountCounter != counts[i])
            {
                sink.Report(
                    "I07", $"the list of cpu{list.Cpu}, zone {list.ZoneIndex} counts {list.CountCounter} frames, "
                    + $"but has {counts[i]}");
            }

            if (counts[i] > list.High + list.Batch)
            {
                sink.Report("I07", $"the list of cpu{list.Cpu}, zone {list.ZoneIndex} has {counts[i]} frames, "
                    + $"more than high {list.High} and a batch of {list.Batch}");
            }
        }
    }

    private void CountPage(MachineSnapshot snapshot, in PcpPageRecord page, ViolationSink sink)
    {
        int list = lists.Find(Key(page.Cpu, page.ZoneIndex));
        if (list < 0)
            sink.Report("I07", $"frame 0x{page.Pfn:x} is on a list of cpu{page.Cpu}, zone {page.ZoneIndex}; none is");
        else
            counts[list]++;
        if ((uint)page.ZoneIndex >= (uint)snapshot.Zones.Count)
            return;
        ref ZoneRecord zone = ref snapshot.Zones[page.ZoneIndex];
        if (page.Pfn < zone.StartPfn || page.Pfn >= zone.EndPfn)
            sink.Report("I07", $"frame 0x{page.Pfn:x} is on a list of zone {zone.Name}, which it is not in");
    }

    private static ulong Key(int cpu, int zone) => ((ulong)(uint)cpu << 32) | (uint)zone;
}
