using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Futexes;

/// <summary>Who waits for which futex, first come, first served.</summary>
/// <remarks>
/// Linux: kernel/futex/waitwake.c: futex_wake, __futex_queue; kernel/futex/requeue.c: futex_requeue, v6.18; priorities
/// are not modelled.
/// </remarks>
public sealed partial class FutexTable
{
    /// <summary>Hears every wake (FUTEX_BITSET_MATCH_ANY).</summary>
    public const uint AnyBits = uint.MaxValue;

    private readonly Dictionary<FutexKey, List<FutexWaiter>> waiting = [];
    private readonly List<TaskStruct> woken;

    /// <summary>
    /// A table whose waiters are added to <paramref name="woken"/> when they may go on, perhaps with a planted bug.
    /// </summary>
    public FutexTable(List<TaskStruct> woken, Mutant mutant)
    {
        this.woken = woken;
        Mutant = mutant;
    }

    /// <summary>The bug that is planted in the kernel.</summary>
    public Mutant Mutant { get; }

    /// <summary>Adds the tasks that wait, each as often as it has futexes: for the audit.</summary>
    public void ListTasks(HashSet<int> into)
    {
        foreach (List<FutexWaiter> list in waiting.Values)
        {
            foreach (FutexWaiter waiter in list)
                into.Add(waiter.Task.Tid);
        }
    }

    /// <summary>Tasks that wait, each as often as it has futexes.</summary>
    public int Count => waiting.Values.Sum(list => list.Count);

    /// <summary>Lets a task wait.</summary>
    public void Add(FutexWaiter waiter)
    {
        if (!waiting.TryGetValue(waiter.Key, out List<FutexWaiter>? list))
            waiting.Add(waiter.Key, list = []);
        list.Add(waiter);
    }

    /// <summary>A task waits no more: it was woken, its time is over, or a signal came.</summary>
    public void Remove(FutexWaiter waiter)
    {
        if (waiting.TryGetValue(waiter.Key, out List<FutexWaiter>? list) && list.Remove(waiter) && list.Count == 0)
            waiting.Remove(waiter.Key);
        if (waiter.Lock is { } pi)
            Forget(pi);
    }

    /// <summary>
    /// Wakes those who have waited longest, as many as asked for, but one at least, as Linux does. How many; EINVAL:
    /// somebody waits for a lock there.
    /// </summary>
    public SyscallResult Wake(FutexKey key, long count, uint bits = AnyBits) =>
        Move(key, default, Math.Max(count, 1), 0, bits);

    /// <summary>
    /// Wakes some, and lets others wait for another futex from now on. How many both were; EINVAL as for
    /// <see cref="Wake"/>.
    /// </summary>
    public SyscallResult Requeue(FutexKey from, FutexKey to, long wakes, long moves) =>
        Move(from, to, wakes, moves, AnyBits);

    private SyscallResult Move(FutexKey key, FutexKey to, long wakes, long moves, uint bits)
    {
        if (!waiting.TryGetValue(key, out List<FutexWaiter>? list))
            return default;
        int touched = 0;
        bool isMixed = false;
        for (int i = 0; i < list.Count && touched < wakes + moves;)
        {
            FutexWaiter waiter = list[i];
            if (!Waits(waiter))
            {
                list.RemoveAt(i);
                continue;
            }

            isMixed = waiter.Kind != FutexKind.Plain;
            if (isMixed)
                break;
            if ((waiter.Bits & bits) == 0 || (touched >= wakes && to == key))
            {
                touched += touched >= wakes ? 1 : 0;
                i++;
                continue;
            }

            list.RemoveAt(i);
            if (touched++ < wakes)
            {
                if (Mutant != Mutant.M135 || list.Count == 0)
                    WakeUp(waiter);
                continue;
            }

            waiter.Key = to;
            Add(waiter);
        }

        if (list.Count == 0)
            waiting.Remove(key);
        return isMixed ? SyscallResult.Fail(Errno.EINVAL) : new SyscallResult(touched);
    }

    // Who was killed meanwhile waits no more. Who waits for several and was woken at another does, until it has run.
    private static bool Waits(FutexWaiter waiter) =>
        waiter.Task.State == TaskState.WaitingForFile || waiter.Vector is { IsWoken: true };

    private void WakeUp(FutexWaiter waiter)
    {
        waiter.IsWoken = true;
        if (waiter.Vector is { IsWoken: true })
            return;
        if (waiter.Vector is { } vector)
            vector.IsWoken = true;
        waiter.Task.WakeToRetry(woken);
    }
}
