namespace LinuxMem.Simulation.Locks;

/// <summary>
/// When something that one user at a time can have is taken: intervals of virtual time that do not overlap. A request
/// gets the first gap that is long enough.
/// </summary>
/// <remarks>
/// The kernel's history is served in the order of virtual time at which tasks enter the kernel, but a long call takes
/// locks long after that. So those who enter later may ask for earlier moments, and get them: hence gaps. Who asks
/// never asks for a moment before <c>floorNs</c>, so that what is over by then is forgotten. O(log n) and the intervals
/// that are moved; n is at most what fits between the floor and the last end.
/// </remarks>
public sealed class BusyTimeline
{
    private Interval[] intervals = new Interval[8];
    private int head;
    private int tail;

    /// <summary>Intervals that are remembered.</summary>
    public int Count => tail - head;

    /// <summary>
    /// Takes it for <paramref name="holdNs"/> from <paramref name="wantedNs"/> or as soon after that as possible.
    /// Returns when.
    /// </summary>
    /// <param name="wantedNs">The earliest moment; at least <paramref name="floorNs"/>.</param>
    /// <param name="holdNs">For how long; more than 0.</param>
    /// <param name="holder">Who takes it.</param>
    /// <param name="floorNs">Nobody asks for an earlier moment any more.</param>
    /// <param name="blocker">Who had it, if the request waited.</param>
    public long Take(long wantedNs, long holdNs, LockHolder holder, long floorNs, out LockHolder blocker)
    {
        Forget(floorNs);
        int at = FirstEndingAfter(wantedNs);
        long startNs = wantedNs;
        blocker = default;
        for (; at < tail && intervals[at].StartNs - startNs < holdNs; at++)
        {
            startNs = intervals[at].EndNs;
            blocker = intervals[at].Holder;
        }

        Insert(at, startNs, startNs + holdNs, holder);
        return startNs;
    }

    /// <summary>Whether it is taken at a moment.</summary>
    public bool IsTakenAt(long ns)
    {
        int at = FirstEndingAfter(ns);
        return at < tail && intervals[at].StartNs <= ns;
    }

    private void Forget(long floorNs)
    {
        while (head < tail && intervals[head].EndNs <= floorNs)
            head++;
        if (head == tail)
            head = tail = 0;
    }

    private int FirstEndingAfter(long ns)
    {
        int low = head;
        int high = tail;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (intervals[middle].EndNs > ns)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    // Intervals that touch become one, which keeps a saturated lock's list short; the later holder is remembered.
    private void Insert(int at, long startNs, long endNs, LockHolder holder)
    {
        bool touchesBefore = at > head && intervals[at - 1].EndNs == startNs;
        bool touchesAfter = at < tail && intervals[at].StartNs == endNs;
        if (touchesBefore)
        {
            intervals[at - 1].EndNs = endNs;
            intervals[at - 1].Holder = holder;
            if (!touchesAfter)
                return;
            intervals[at - 1].EndNs = intervals[at].EndNs;
            intervals[at - 1].Holder = intervals[at].Holder;
            Array.Copy(intervals, at + 1, intervals, at, tail - at - 1);
            tail--;
            return;
        }

        if (touchesAfter)
        {
            intervals[at].StartNs = startNs;
            return;
        }

        int index = at - head;
        MakeRoom();
        at = head + index;
        Array.Copy(intervals, at, intervals, at + 1, tail - at);
        intervals[at] = new Interval { StartNs = startNs, EndNs = endNs, Holder = holder };
        tail++;
    }

    private void MakeRoom()
    {
        if (tail < intervals.Length)
            return;
        int count = tail - head;
        Interval[] from = intervals;
        if (count > from.Length / 2)
            intervals = new Interval[from.Length * 2];
        Array.Copy(from, head, intervals, 0, count);
        head = 0;
        tail = count;
    }

    private struct Interval
    {
        public long StartNs;
        public long EndNs;
        public LockHolder Holder;
    }
}
