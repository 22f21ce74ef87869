using LinuxMem.Simulation.Results;

namespace LinuxMem.Simulation.Locks;

/// <summary>Counts what tasks waited for: by class, by call and instance, and the longest waits one by one.</summary>
public sealed class LockStatistics
{
    private const int WorstMax = 10;
    private readonly long[] acquired = new long[LockClasses.Count];
    private readonly WaitHistogram?[] holds = new WaitHistogram?[LockClasses.Count];
    private readonly SortedDictionary<(LockClass Class, bool Writes, short Call), WaitHistogram> byCall = [];
    private readonly SortedDictionary<(LockClass Class, long Instance), WaitHistogram> byInstance = [];
    private readonly List<LockWait> worst = [];

    // What was found last, by class and mode: one wait is mostly like the one before.
    private readonly (short Call, WaitHistogram? Waits)[] lastCall = new (short, WaitHistogram?)[LockClasses.Count * 2];
    private readonly (long Instance, WaitHistogram? Waits)[] lastInstance =
        new (long, WaitHistogram?)[LockClasses.Count];


    /// <summary>Whether anything is counted.</summary>
    public bool IsOn { get; init; } = true;

    /// <summary>Whether anybody ever waited.</summary>
    public bool AnyContended { get; private set; }

    /// <summary>A lock was taken.</summary>
    public void Acquired(LockClass lockClass) => acquired[(int)lockClass]++;

    /// <summary>A lock was held for so long; only where others could have waited.</summary>
    public void Held(LockClass lockClass, long ns)
    {
        if (IsOn)
            (holds[(int)lockClass] ??= new WaitHistogram()).Add(ns);
    }

    /// <summary>Somebody waited for a lock.</summary>
    public void Waited(in LockWait wait)
    {
        AnyContended = true;
        if (!IsOn)
            return;
        OfCall(wait).Add(wait.WaitNs);
        OfInstance(wait).Add(wait.WaitNs);
        if (worst.Count < WorstMax || wait.WaitNs > worst[^1].WaitNs)
            Keep(wait);
    }

    /// <summary>What was counted.</summary>
    /// <param name="nameOfCall">Names a call.</param>
    public LockReport Report(Func<short, string> nameOfCall) => new()
    {
        Classes =
        [
            .. Enumerable.Range(0, LockClasses.Count).Select(i => (Index: i, Waits: WaitsFor((LockClass)i)))
                .Where(c => acquired[c.Index] > 0 || c.Waits.Count > 0).Select(c => new LockClassResult(
                    LockClasses.NameOf((LockClass)c.Index), acquired[c.Index], Times(c.Waits), Times(holds[c.Index]))),
        ],
        Calls =
        [
            .. byCall.OrderByDescending(c => c.Value.TotalNs).ThenBy(c => c.Key).Select(c => new LockCallResult(
                LockClasses.NameOf(c.Key.Class), c.Key.Writes, nameOfCall(c.Key.Call), Times(c.Value))),
        ],
        Instances =
        [
            .. byInstance.OrderByDescending(i => i.Value.TotalNs).ThenBy(i => i.Key).Take(WorstMax).Select(i =>
                new LockInstanceResult(LockClasses.NameOf(i.Key.Class), i.Key.Instance, Times(i.Value))),
        ],
        Worst =
        [
            .. worst.Select(w => new LockWaitResult(LockClasses.NameOf(w.Class), w.Instance, w.AtNs, w.WaitNs,
                w.Waiter.Tid, nameOfCall(w.Waiter.Call), w.Holder.Tid,
                w.Holder.Tid == 0 ? "" : nameOfCall(w.Holder.Call))),
        ],
    };

    private WaitHistogram WaitsFor(LockClass lockClass)
    {
        var all = new WaitHistogram();
        foreach (((LockClass Class, bool Writes, short Call) key, WaitHistogram times) in byCall)
        {
            if (key.Class == lockClass)
                all.Add(times);
        }

        return all;
    }

    private WaitHistogram OfCall(in LockWait wait)
    {
        ref (short Call, WaitHistogram? Waits) last = ref lastCall[((int)wait.Class * 2) + (wait.Writes ? 1 : 0)];
        if (last.Waits is null || last.Call != wait.Waiter.Call)
            last = (wait.Waiter.Call, Of(byCall, (wait.Class, wait.Writes, wait.Waiter.Call)));
        return last.Waits!;
    }

    private WaitHistogram OfInstance(in LockWait wait)
    {
        ref (long Instance, WaitHistogram? Waits) last = ref lastInstance[(int)wait.Class];
        if (last.Waits is null || last.Instance != wait.Instance)
            last = (wait.Instance, Of(byInstance, (wait.Class, wait.Instance)));
        return last.Waits!;
    }

    // Longest first; of equals, the one that came first.
    private void Keep(in LockWait wait)
    {
        int at = worst.Count;
        while (at > 0 && worst[at - 1].WaitNs < wait.WaitNs)
            at--;
        worst.Insert(at, wait);
        if (worst.Count > WorstMax)
            worst.RemoveAt(WorstMax);
    }

    private static WaitHistogram Of<TKey>(SortedDictionary<TKey, WaitHistogram> all, TKey key)
        where TKey : notnull
    {
        if (!all.TryGetValue(key, out WaitHistogram? times))
            all.Add(key, times = new WaitHistogram());
        return times;
    }

    private static LockTimes Times(WaitHistogram? h) => h is null
        ? default
        : new LockTimes(h.Count, h.TotalNs, h.MaxNs, h.Permille(500), h.Permille(900), h.Permille(990));
}

/// <summary>Somebody waited for a lock.</summary>
/// <param name="Class">The kind of lock.</param>
/// <param name="Instance">Which one: an address space's, anon_vma's or object's number, a zone, a frame, a CPU socket.
/// </param>
/// <param name="Writes">Whether it wanted the lock alone.</param>
/// <param name="AtNs">When it asked.</param>
/// <param name="WaitNs">How long it waited.</param>
/// <param name="Waiter">Who.</param>
/// <param name="Holder">For whom, as far as is known.</param>
public readonly record struct LockWait(
    LockClass Class, long Instance, bool Writes, long AtNs, long WaitNs, LockHolder Waiter, LockHolder Holder);
