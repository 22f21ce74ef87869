using CsCheck;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Tests;

public class CorruptionFuzz
{
    /// <summary>
    /// Fields of which every change is a bug: the index picks a record, the number how the field changes.
    /// </summary>
    private static readonly Action<MachineSnapshot, int, int>[] Fields =
    [
        (s, i, n) => Any(s.Frames, i).RefCount += n,
        (s, i, n) => Any(s.Frames, i).MapCount -= n,
        (s, i, n) => Any(s.Frames, i).ExtraRefs += n,
        (s, i, n) => Any(s.CachePages, i).Pfn += (uint)n,
        (s, i, n) => Any(s.FreeBlocks, i).Pfn += (uint)n,
        (s, i, n) => Any(s.FreeBlocks, i).Order += 1 + (n % 3),
        (s, i, n) => Any(s.FreeBlocks, i).MigrateType += n,
        (s, i, n) => Any(s.FreeCounters, i).Count -= n,
        (s, i, n) => Any(s.Zones, i).NrFreeCounter += n,
        (s, i, n) => Any(s.PcpLists, i).CountCounter += n,
        (s, i, n) => Any(s.PcpPages, i).Cpu += n,
        (s, i, n) => Any(s.PcpPages, i).Pfn += (uint)(100 * n),
        (s, i, n) => Any(s.Mms, i).MapCountCounter -= n,
        (s, i, n) => Any(s.Mms, i).TotalVmPages += n,
        (s, i, n) => Any(s.Mms, i).LockedVmPages += n,
        (s, i, n) => Any(s.Mms, i).RssAnon += n,
        (s, i, n) => Any(s.Mms, i).RssFile -= n,
        (s, i, n) => Any(s.Mms, i).RssShmem += n,
        (s, i, n) => Any(s.Mms, i).PageTablePagesCounter -= n,
        (s, i, n) => Any(s.Mms, i).TlbGen -= (ulong)n,
        (s, i, n) => Any(s.Mms, i).RootPfn += (uint)n,
        (s, i, n) => Any(s.Vmas, i).Start += 0x1000UL * (ulong)n,
        (s, i, n) => Any(s.Vmas, i).End -= 0x1000UL * (ulong)n,
        (s, i, n) => Any(s.Ptes, i).Va += (ulong)n,
        (s, i, n) => Any(s.Ptes, i).Pfn += (uint)n,
        (s, i, n) => Any(s.Tables, i).Pfn += (uint)n,
        (s, i, n) => Any(s.Tables, i).Level += n,
        (s, i, n) => Any(s.Tables, i).UsedEntries -= n,
        (s, i, n) => Live(s, i).Pfn += (uint)n,
        (s, i, n) => Live(s, i).Asid += 2 + n,
        (s, i, n) => Any(s.Cpus, i).ClockNs -= 100 + n,
        (s, i, n) => Any(s.Channels, i).Sent += n,
        (s, i, n) => Any(s.Channels, i).Dropped -= n,
        (s, i, n) => s.TotalFrames += n,
        (s, i, n) => s.Engine.RequestsCompleted -= n,
    ];

    [Fact]
    public void A_change_of_any_field_that_matters_is_reported() =>
        Gen.Select(Gen.Int[0, Fields.Length - 1], Gen.Int[0, 10000], Gen.Int[1, 3], Gen.Bool).Sample(
            (field, index, change, busy) =>
            {
                MachineSnapshot snapshot = SampleMachine.Small(busy);
                Fields[field](snapshot, index, change);
                Assert.True(IsReported(snapshot), $"field {field}, record {index}, changed by {change}, busy {busy}");
            },
            iter: 2500, threads: 1);

    [Fact]
    public void A_record_that_is_left_out_is_reported() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10000]).Sample(
            (list, index) =>
            {
                MachineSnapshot snapshot = SampleMachine.Small();
                switch (list)
                {
                    case 0: snapshot.Frames.RemoveAt(index % snapshot.Frames.Count); break;
                    case 1: snapshot.Ptes.RemoveAt(index % snapshot.Ptes.Count); break;
                    case 2: snapshot.Vmas.RemoveAt(index % snapshot.Vmas.Count); break;
                    case 3: snapshot.Tables.RemoveAt(index % snapshot.Tables.Count); break;
                    case 4: snapshot.FreeBlocks.RemoveAt(index % snapshot.FreeBlocks.Count); break;
                    default: snapshot.CachePages.RemoveAt(index % snapshot.CachePages.Count); break;
                }

                Assert.True(IsReported(snapshot), $"list {list}, record {index}");
            },
            iter: 1000, threads: 1);

    private static bool IsReported(MachineSnapshot snapshot)
    {
        try
        {
            return new Auditor().Check(snapshot, []) > 0;
        }
        catch (MalformedSnapshotException)
        {
            // A snapshot that has lost its own order is refused, which nobody can overlook either.
            return true;
        }
    }

    private static ref T Any<T>(RecordList<T> list, int index)
        where T : struct => ref list[index % list.Count];

    /// <summary>An entry of a translation cache whose row is alive: other entries may say what they like.</summary>
    private static ref TlbRecord Live(MachineSnapshot snapshot, int index)
    {
        for (int i = index % snapshot.Tlb.Count; ; i = (i + 1) % snapshot.Tlb.Count)
        {
            if (snapshot.Tlb[i].Asid == 1 && snapshot.Tlb[i].Cpu == 0)
                return ref snapshot.Tlb[i];
        }
    }
}
