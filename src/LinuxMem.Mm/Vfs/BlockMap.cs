namespace LinuxMem.Mm.Vfs;

/// <summary>What stands behind a page of a file on a disk.</summary>
public enum BlockState
{
    /// <summary>Nothing: it reads as zeros.</summary>
    Hole,

    /// <summary>A block that was allocated and not written yet: it reads as zeros too.</summary>
    Unwritten,

    /// <summary>A block with contents, or one that a dirty page is going to get.</summary>
    Written,
}

/// <summary>
/// Which pages of a file have blocks: those that were written, whether they have reached the disk or not, and those
/// that fallocate took.
/// </summary>
/// <remarks>
/// Linux: fs/ext4/inode.c: ext4_iomap_begin_report; fs/ext4/extents_status.c, v6.18: a tree there, a sorted list of
/// runs here. Neighbours of the same state are one run.
/// </remarks>
public sealed class BlockMap
{
    private readonly List<Run> runs = [];

    /// <summary>Pages that have blocks.</summary>
    public ulong Pages { get; private set; }

    /// <summary>Number of runs.</summary>
    public int Count => runs.Count;

    /// <summary>A page has contents.</summary>
    public void Write(uint index)
    {
        if (runs.Count > 0 && runs[^1] is { IsWritten: true } last && last.End == index)
        {
            runs[^1] = last with { End = index + 1UL };
            Pages++;
        }
        else if (StateOf(index, out _) != BlockState.Written)
        {
            Set(index, index + 1UL, isWritten: true);
        }
    }

    /// <summary>Pages from one on, up to and without another, have contents.</summary>
    public void Write(ulong first, ulong end)
    {
        if (first < end)
            Set(first, end, isWritten: true);
    }

    /// <summary>Holes from one page on, up to and without another, get blocks that are not written.</summary>
    public void Reserve(ulong first, ulong end)
    {
        while (first < end)
        {
            BlockState state = StateOf(first, out ulong next);
            next = Math.Min(next, end);
            if (state == BlockState.Hole)
                Set(first, next, isWritten: false);
            first = next;
        }
    }

    /// <summary>Makes the pages from one on, up to and without another, holes.</summary>
    public void Cut(ulong first, ulong end)
    {
        for (int i = runs.Count - 1; i >= 0 && runs[i].End > first; i--)
        {
            Run run = runs[i];
            if (run.First >= end)
                continue;
            Pages -= Math.Min(run.End, end) - Math.Max(run.First, first);
            runs.RemoveAt(i);
            if (run.End > end)
                runs.Insert(i, run with { First = end });
            if (run.First < first)
                runs.Insert(i, run with { End = first });
        }
    }

    /// <summary>Takes pages out of the middle, so that what lies behind moves down, or puts holes in.</summary>
    public void Shift(ulong first, ulong count, bool inserts)
    {
        ulong from = inserts ? first : first + count;
        var behind = new List<Run>();
        foreach (Run run in runs)
        {
            if (run.End > from)
                behind.Add(run with { First = Math.Max(run.First, from) });
        }

        Cut(first, ulong.MaxValue);
        foreach (Run run in behind)
        {
            Set(inserts ? run.First + count : run.First - count, inserts ? run.End + count : run.End - count,
                run.IsWritten);
        }
    }

    /// <summary>What stands behind a page, and the first page behind it of which that may not be so.</summary>
    public BlockState StateOf(ulong index, out ulong next)
    {
        int at = FirstEndingBehind(index);
        if (at == runs.Count)
        {
            next = ulong.MaxValue;
            return BlockState.Hole;
        }

        Run run = runs[at];
        if (run.First > index)
        {
            next = run.First;
            return BlockState.Hole;
        }

        next = run.End;
        return run.IsWritten ? BlockState.Written : BlockState.Unwritten;
    }

    private void Set(ulong first, ulong end, bool isWritten)
    {
        Cut(first, end);
        Pages += end - first;
        int at = FirstEndingBehind(first);
        if (at < runs.Count && runs[at].First == end && runs[at].IsWritten == isWritten)
        {
            end = runs[at].End;
            runs.RemoveAt(at);
        }

        if (at > 0 && runs[at - 1].End == first && runs[at - 1].IsWritten == isWritten)
            runs[at - 1] = runs[at - 1] with { End = end };
        else
            runs.Insert(at, new Run(first, end, isWritten));
    }

    private int FirstEndingBehind(ulong index)
    {
        int low = 0;
        int high = runs.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (runs[middle].End <= index)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private readonly record struct Run(ulong First, ulong End, bool IsWritten);
}
