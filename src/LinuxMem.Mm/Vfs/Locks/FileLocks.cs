using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Vfs.Locks;

/// <summary>The locks on a file: those of flock, on the whole, and those of fcntl, on ranges of bytes.</summary>
/// <remarks>
/// Linux: fs/locks.c: struct file_lock_context, v6.18. The two kinds do not hear of each other. Who waits is woken by
/// every change and looks again.
/// </remarks>
public sealed class FileLocks
{
    private readonly List<TaskStruct> woken;
    private readonly List<(OpenFile File, bool IsExclusive)> whole = [];
    private readonly List<RangeLock> ranges = [];
    private readonly List<TaskStruct> waiting = [];

    /// <summary>Without locks; who is woken is added to the list.</summary>
    public FileLocks(List<TaskStruct> woken) => this.woken = woken;

    /// <summary>The locks on ranges: those of one owner do not overlap, and are in order.</summary>
    public IReadOnlyList<RangeLock> Ranges => ranges;

    /// <summary>Locks on the file as a whole.</summary>
    public int WholeCount => whole.Count;

    /// <summary>
    /// Gives an open file the lock on the whole, in place of one that it has; false, and the old one gone, if others
    /// are in the way.
    /// </summary>
    /// <remarks>Linux: fs/locks.c: flock_lock_inode, v6.18.</remarks>
    public bool TryLockWhole(OpenFile file, bool isExclusive)
    {
        int own = whole.FindIndex(l => l.File == file);
        if (own >= 0 && whole[own].IsExclusive == isExclusive)
            return true;
        if (own >= 0)
        {
            whole.RemoveAt(own);
            Changed();
        }

        foreach ((OpenFile _, bool other) in whole)
        {
            if (isExclusive || other)
                return false;
        }

        whole.Add((file, isExclusive));
        return true;
    }

    /// <summary>Takes an open file's lock on the whole away, if it has one.</summary>
    public void UnlockWhole(OpenFile file)
    {
        if (whole.RemoveAll(l => l.File == file) > 0)
            Changed();
    }

    /// <summary>The first lock of another owner that is in the way of one; null for none.</summary>
    public RangeLock? FindConflict(RangeLock wanted)
    {
        foreach (RangeLock held in ranges)
        {
            bool excludes = held.IsExclusive || wanted.IsExclusive;
            if (excludes && !ReferenceEquals(held.Owner, wanted.Owner) && held.Overlaps(wanted.First, wanted.Last))
                return held;
        }

        return null;
    }

    /// <summary>The owner's first lock in a range; null for none.</summary>
    public RangeLock? FindOwn(object owner, long first, long last)
    {
        foreach (RangeLock held in ranges)
        {
            if (ReferenceEquals(held.Owner, owner) && held.Overlaps(first, last))
                return held;
        }

        return null;
    }

    /// <summary>Puts a lock in place of what its owner has there. Precondition: nobody else's is in the way.</summary>
    /// <remarks>Linux: fs/locks.c: posix_lock_inode, v6.18: neighbours of the same kind become one.</remarks>
    public void Lock(RangeLock wanted)
    {
        foreach (RangeLock held in ranges.ToArray())
        {
            bool touches = ReferenceEquals(held.Owner, wanted.Owner) && held.IsExclusive == wanted.IsExclusive
                && (held.Overlaps(wanted.First, wanted.Last) || held.Last != long.MaxValue
                    && held.Last + 1 == wanted.First || wanted.Last != long.MaxValue && wanted.Last + 1 == held.First);
            if (!touches)
                continue;
            ranges.Remove(held);
            wanted = wanted with
            {
                First = Math.Min(held.First, wanted.First),
                Last = Math.Max(held.Last, wanted.Last),
            };
        }

        Cut(wanted.Owner, wanted.First, wanted.Last);
        Insert(wanted);
        Changed();
    }

    /// <summary>Takes an owner's locks on a range away.</summary>
    public void Unlock(object owner, long first, long last)
    {
        Cut(owner, first, last);
        Changed();
    }

    /// <summary>Takes all locks of an owner away.</summary>
    public void UnlockAll(object owner)
    {
        if (ranges.RemoveAll(l => ReferenceEquals(l.Owner, owner)) > 0)
            Changed();
    }

    /// <summary>Lets a task wait until something changes.</summary>
    public void Wait(TaskStruct task)
    {
        if (!waiting.Contains(task))
            waiting.Add(task);
    }

    private void Cut(object owner, long first, long last)
    {
        foreach (RangeLock held in ranges.ToArray())
        {
            if (!ReferenceEquals(held.Owner, owner) || !held.Overlaps(first, last))
                continue;
            ranges.Remove(held);
            if (held.First < first)
                Insert(held with { Last = first - 1 });
            if (held.Last > last)
                Insert(held with { First = last + 1 });
        }
    }

    // Locks of one owner lie together, in order of their ranges, owners in the order of coming.
    private void Insert(RangeLock added)
    {
        int at = ranges.FindIndex(l => ReferenceEquals(l.Owner, added.Owner));
        if (at < 0)
            at = ranges.Count;
        while (at < ranges.Count && ReferenceEquals(ranges[at].Owner, added.Owner) && ranges[at].First < added.First)
            at++;
        ranges.Insert(at, added);
    }

    private void Changed()
    {
        foreach (TaskStruct task in waiting)
        {
            if (task.State == TaskState.WaitingForFile)
                task.WakeToRetry(woken);
        }

        waiting.Clear();
    }
}
