namespace LinuxMem.Simulation.Locks;

/// <summary>
/// A reader-writer semaphore in virtual time: readers share it, a writer has it alone; a writer that finds it taken
/// spins while who has it runs, everybody else sleeps in a queue.
/// </summary>
/// <remarks>
/// Linux: kernel/locking/rwsem.c: rwsem_down_read_slowpath, rwsem_down_write_slowpath, rwsem_optimistic_spin,
/// rwsem_mark_wake, v6.18. Until when a task has it is known once its trap is served, and all that is kept of those who
/// have it is the last such moment. A reader that was woken has it from then on, and until it has run nobody knows for
/// how long. Spinning writers get it in the order in which they came, as the queue of their spin lock (osq) has it.
/// Not modelled: readers that come while a writer spins for other readers wait for that writer.
/// </remarks>
public sealed class RwSemaphore
{
    /// <summary>After so long at the head of the queue nobody may come first (RWSEM_WAIT_TIMEOUT).</summary>
    public const long HandoffAfterNs = 4_000_000;

    private const int WakesMost = 256; // MAX_READERS_WAKEUP
    private readonly List<RwWaiter> queue = [];
    private long writtenFromNs;
    private long writtenUntilNs;
    private long readUntilNs;
    private LockHolder writer;
    private LockHolder reader;
    private int granted;
    private bool isSpunOut;

    /// <summary>The number of what it protects.</summary>
    public int Owner { get; init; }

    /// <summary>Its count's cache line.</summary>
    public CacheLine Line { get; } = new();

    /// <summary>What writers change under it: it lies in the cache of the last of them.</summary>
    public CacheLine Data { get; } = new();

    /// <summary>What only those change who split or join something.</summary>
    public CacheLine SplitData { get; } = new();

    /// <summary>Tasks that sleep for it.</summary>
    public int Sleepers => queue.Count;

    /// <summary>Readers that have it since they were woken, and have yet to run.</summary>
    public int Granted => granted;

    /// <summary>When the queue was last to be looked at, for who sets alarms; see <see cref="NextWakeNs"/>.</summary>
    public long PlannedNs { get; set; } = long.MaxValue;

    /// <summary>
    /// When the head of the queue is to be woken: at that moment, or at once if it is past;
    /// <see cref="long.MaxValue"/> if nobody sleeps, or somebody must come first.
    /// </summary>
    public long NextWakeNs
    {
        get
        {
            if (queue.Count == 0 || queue[0].State == RwState.Woken)
                return long.MaxValue;
            if (!queue[0].Writes)
                return writtenUntilNs;
            return granted > 0 ? long.MaxValue : HeldUntilNs;
        }
    }

    private long HeldUntilNs => Math.Max(writtenUntilNs, readUntilNs);

    private bool HandsOff => queue.Count > 0 && queue[0].HandsOff;

    /// <summary>When a reader that must not sleep gets it, who asks now.</summary>
    public long GrantRead(long atNs, out LockHolder blocker)
    {
        blocker = writtenUntilNs > atNs ? writer : default;
        return Math.Max(atNs, writtenUntilNs);
    }

    /// <summary>A reader asks. False if it has to sleep.</summary>
    public bool TryRead(long atNs, out LockHolder blocker)
    {
        blocker = writer;
        if (writtenUntilNs > atNs)
            return false;
        blocker = default;
        if (queue.Count == 0)
            return true;
        bool isReaders = readUntilNs > atNs || granted > 0;
        if (!isReaders && !HandsOff)
            return true; // it steals the lock from a writer that was woken and does not run yet
        blocker = isReaders ? reader : queue[0].Self;
        return false;
    }

    /// <summary>A writer asks. False if it has to sleep, after spinning in vain.</summary>
    /// <param name="askedNs">When it asks.</param>
    /// <param name="cpu">Where.</param>
    /// <param name="cpuUntilNs">Until when its CPU is its own: then it spins no more (need_resched).</param>
    /// <param name="costs">What spinning costs.</param>
    /// <param name="whenNs">When it has the lock, or stops spinning.</param>
    /// <param name="blocker">Who had it, if it had to wait.</param>
    public bool TryWrite(long askedNs, int cpu, long cpuUntilNs, LockSettings costs, out long whenNs,
        out LockHolder blocker)
    {
        whenNs = askedNs;
        bool isFree = granted == 0 && HeldUntilNs <= askedNs;
        bool isReaders = granted > 0 || (readUntilNs >= writtenUntilNs && readUntilNs > askedNs);
        blocker = isFree ? default : isReaders ? reader : writer;
        if (HandsOff)
        {
            blocker = isFree ? queue[0].Self : blocker;
            return false;
        }

        if (isFree)
            return true;
        if (isReaders && isSpunOut)
            return false;
        long spinsUntilNs = isReaders
            ? Math.Max(askedNs, writtenUntilNs) + costs.ReaderSpinNs : long.MaxValue;
        long gotNs = HandOver(askedNs, isReaders, costs.HandoffNs + (costs.HandoffLines * Line.FarNs(cpu, costs)));
        if (granted == 0 && gotNs <= Math.Min(spinsUntilNs, cpuUntilNs))
        {
            whenNs = gotNs;
            return true;
        }

        isSpunOut |= isReaders && spinsUntilNs <= cpuUntilNs;
        whenNs = Math.Max(askedNs, Math.Min(spinsUntilNs, cpuUntilNs));
        return false;
    }

    // When a writer that spins has what all before it let go. Of readers there is no owner to watch: it tries the
    // count itself, and takes the line from those who want to let it go. While somebody spins before it, it waits for
    // the word that it is its turn, which goes out when that one has the lock (osq_unlock), and takes as many lines.
    private long HandOver(long askedNs, bool isReaders, long handoffNs)
    {
        bool isQueued = writtenFromNs > askedNs;
        long freeNs = isQueued ? Math.Max(HeldUntilNs, writtenFromNs + handoffNs) : HeldUntilNs;
        return freeNs + (isReaders ? 2 * handoffNs : handoffNs);
    }

    /// <summary>A task goes to sleep at the end of the queue.</summary>
    /// <param name="waiter">The task's place. Precondition: it does not wait.</param>
    /// <param name="writes">Whether it wants the lock alone.</param>
    /// <param name="askedNs">When it asked.</param>
    /// <param name="atNs">When it goes to sleep.</param>
    /// <param name="self">Who it is.</param>
    /// <param name="blocker">Who has the lock.</param>
    public void Sleep(RwWaiter waiter, bool writes, long askedNs, long atNs, LockHolder self, LockHolder blocker)
    {
        KernelBug.Assert(!waiter.IsActive, $"task {waiter.Tid} waits for two locks");
        waiter.State = RwState.Queued;
        waiter.Lock = this;
        waiter.Writes = writes;
        waiter.AskedNs = askedNs;
        waiter.SinceNs = atNs;
        waiter.Self = self;
        waiter.Blocker = blocker;
        waiter.HandsOff = false;
        queue.Add(waiter);
    }

    /// <summary>A task that slept for it runs again, and asks again. False if it has to sleep on.</summary>
    public bool TryAgain(RwWaiter waiter, long atNs)
    {
        if (waiter.State == RwState.Granted)
        {
            granted--;
            waiter.State = RwState.None;
            return true;
        }

        bool isHeld = waiter.Writes ? granted > 0 || HeldUntilNs > atNs : writtenUntilNs > atNs;
        bool isFirst = queue[0] == waiter;
        if (!isHeld && (isFirst || !HandsOff))
        {
            queue.Remove(waiter);
            waiter.State = RwState.None;
            return true;
        }

        waiter.HandsOff |= isFirst && atNs - waiter.SinceNs >= HandoffAfterNs;
        waiter.State = RwState.Queued;
        return false;
    }

    /// <summary>A task waits for it no more: it is to end, or has something else to do.</summary>
    public void GiveUp(RwWaiter waiter)
    {
        if (waiter.State == RwState.Granted)
            granted--;
        else
            queue.Remove(waiter);
        waiter.State = RwState.None;
    }

    /// <summary>
    /// Wakes a writer at the head of the queue, or every reader in it if one is at the head: they have the lock.
    /// Nobody, if the lock is taken.
    /// </summary>
    /// <param name="atNs">The moment.</param>
    /// <param name="woken">Takes who wakes.</param>
    public void Wake(long atNs, List<RwWaiter> woken)
    {
        if (queue.Count == 0 || queue[0].State == RwState.Woken)
            return;
        RwWaiter head = queue[0];
        if (writtenUntilNs > atNs || (head.Writes && (granted > 0 || readUntilNs > atNs)))
        {
            head.HandsOff |= atNs - head.SinceNs >= HandoffAfterNs;
            return;
        }

        if (head.Writes)
        {
            head.State = RwState.Woken;
            woken.Add(head);
            return;
        }

        int kept = 0;
        int count = 0;
        for (int i = 0; i < queue.Count; i++)
        {
            RwWaiter waiter = queue[i];
            if (waiter.Writes || count == WakesMost)
            {
                queue[kept++] = waiter;
                continue;
            }

            count++;
            waiter.State = RwState.Granted;
            woken.Add(waiter);
        }

        queue.RemoveRange(kept, queue.Count - kept);
        granted += count;
        reader = head.Self;
    }

    /// <summary>A reader that has it lets it go at the given moment.</summary>
    public void HeldRead(long untilNs, LockHolder holder)
    {
        if (untilNs <= readUntilNs)
            return;
        readUntilNs = untilNs;
        reader = holder;
    }

    /// <summary>
    /// A writer that has had it since a moment lets it go, or becomes a reader (downgrade_write), at another.
    /// </summary>
    public void HeldWrite(long fromNs, long untilNs, LockHolder holder)
    {
        isSpunOut = false;
        writtenFromNs = Math.Max(writtenFromNs, fromNs);
        if (untilNs <= writtenUntilNs)
            return;
        writtenUntilNs = untilNs;
        writer = holder;
    }
}
