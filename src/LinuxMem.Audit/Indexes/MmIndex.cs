using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>A run of records: from the first index up to, but not including, the end.</summary>
/// <param name="Start">The first index.</param>
/// <param name="End">One past the last index.</param>
internal readonly record struct RecordRange(int Start, int End)
{
    /// <summary>Records in it.</summary>
    public int Count => End - Start;
}

/// <summary>Finds the address spaces and the runs of records that belong to each.</summary>
internal sealed class MmIndex
{
    private readonly KeyMap ordinals = new();
    private RecordRange[] vmas = [];
    private RecordRange[] ptes = [];
    private RecordRange[] tables = [];

    /// <summary>The VMAs of each address space, by the index of its record.</summary>
    public ReadOnlySpan<RecordRange> Vmas => vmas;

    /// <summary>The mapped pages of each address space, by the index of its record.</summary>
    public ReadOnlySpan<RecordRange> Ptes => ptes;

    /// <summary>The page tables of each address space, by the index of its record.</summary>
    public ReadOnlySpan<RecordRange> Tables => tables;

    /// <summary>The index of an address space's record, or -1 if it is gone.</summary>
    public int Find(int mmId) => ordinals.Find((uint)mmId);

    /// <summary>
    /// Takes in the address spaces. Refuses records of one that stand apart, and records of one that is not there.
    /// </summary>
    public void Build(MachineSnapshot snapshot)
    {
        Span<MmRecord> mms = snapshot.Mms.Items;
        ordinals.Reset(mms.Length);
        for (int i = 0; i < mms.Length; i++)
        {
            if (mms[i].MmId <= 0 || !ordinals.TryAdd((uint)mms[i].MmId, i))
                throw new MalformedSnapshotException(
                    $"address space {mms[i].MmId} is there twice, or its number is not positive");
        }

        Group(snapshot.Vmas.Items, ref vmas, mms.Length);
        Group(snapshot.Ptes.Items, ref ptes, mms.Length);
        Group(snapshot.Tables.Items, ref tables, mms.Length);
    }

    private void Group<T>(Span<T> records, ref RecordRange[] ranges, int mmCount)
        where T : struct, IOfMm
    {
        Scratch.Zeroed(ref ranges, mmCount);
        int start = 0;
        while (start < records.Length)
        {
            int mmId = records[start].MmId;
            int end = start + 1;
            while (end < records.Length && records[end].MmId == mmId)
                end++;
            int mm = Find(mmId);
            if (mm < 0 || ranges[mm].Count != 0)
                throw new MalformedSnapshotException(
                    $"{typeof(T).Name} {start}: address space {mmId} is unknown or stands apart");
            ranges[mm] = new RecordRange(start, end);
            start = end;
        }
    }
}
