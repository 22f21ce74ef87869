using System.Runtime.CompilerServices;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>Finds the record of a frame.</summary>
/// <remarks>
/// Machines up to 16 GiB of 4 KiB frames use an array indexed by frame number, of which only the entries in use are
/// cleared for the next snapshot. Bigger machines use a hash map, since most of their frames have no record.
/// </remarks>
internal sealed class FrameIndex
{
    /// <summary>The most frames for which the array is used (an int each).</summary>
    public const long DenseFramesMax = 1 << 22;

    private readonly KeyMap sparse = new();
    private int[] dense = [];
    private uint[] pfns = [];
    private int count;
    private bool isDense;

    /// <summary>
    /// Takes in the frames. Refuses records that are not in strictly ascending order or beyond the end of RAM.
    /// </summary>
    public void Build(MachineSnapshot snapshot)
    {
        Span<FrameRecord> frames = snapshot.Frames.Items;
        Forget();
        isDense = snapshot.TotalFrames <= DenseFramesMax;
        Scratch.Room(ref pfns, frames.Length);
        if (!isDense)
            sparse.Reset(frames.Length);
        else if (dense.Length < snapshot.TotalFrames)
            dense = new int[snapshot.TotalFrames];
        long previous = -1;
        for (int i = 0; i < frames.Length; i++)
        {
            uint pfn = frames[i].Pfn;
            if (pfn <= previous || pfn >= snapshot.TotalFrames)
                throw new MalformedSnapshotException(
                    $"frame record {i} (0x{pfn:x}) is out of order or beyond the end of RAM");
            previous = pfn;
            if (!isDense)
            {
                sparse.TryAdd(pfn, i);
                continue;
            }

            pfns[count++] = pfn;
            dense[pfn] = i + 1;
        }
    }

    /// <summary>
    /// The index of the frame's record, or -1: the frame is inside a free block, or there is no such frame.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint pfn)
    {
        if (!isDense)
            return sparse.Find(pfn);
        int[] table = dense;
        return pfn < (uint)table.Length ? table[pfn] - 1 : -1;
    }

    private void Forget()
    {
        foreach (uint pfn in pfns.AsSpan(0, count))
            dense[pfn] = 0;
        count = 0;
    }
}
