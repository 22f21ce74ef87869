using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Futexes;

/// <summary>What a futex is known by: a word of an address space, or of a shared object.</summary>
/// <remarks>Linux: include/linux/futex.h: union futex_key; kernel/futex/core.c: get_futex_key, v6.18.</remarks>
/// <param name="IsShared">Whether it is a word of an object that several address spaces map.</param>
/// <param name="Owner">Number of the object or the address space.</param>
/// <param name="Where">Offset in the object, or address.</param>
public readonly record struct FutexKey(bool IsShared, int Owner, ulong Where);

/// <summary>A task that waits for a futex.</summary>
/// <param name="task">Who.</param>
/// <param name="key">Where.</param>
/// <param name="bits">Which wakes it hears (FUTEX_WAIT_BITSET).</param>
public sealed class FutexWaiter(TaskStruct task, FutexKey key, uint bits)
{
    /// <summary>Who waits.</summary>
    public TaskStruct Task { get; } = task;

    /// <summary>Where; another after a requeue.</summary>
    public FutexKey Key { get; internal set; } = key;

    /// <summary>Which wakes it hears.</summary>
    public uint Bits { get; } = bits;

    /// <summary>Whether a wake has reached it.</summary>
    public bool IsWoken { get; internal set; }
}

/// <summary>Who waits for which futex, first come, first served.</summary>
/// <remarks>
/// Linux: kernel/futex/waitwake.c: futex_wake, __futex_queue; kernel/futex/requeue.c: futex_requeue, v6.18; priorities
/// are not modelled.
/// </remarks>
public sealed class FutexTable
{
    /// <summary>Hears every wake (FUTEX_BITSET_MATCH_ANY).</summary>
    public const uint AnyBits = uint.MaxValue;

    private readonly Dictionary<FutexKey, List<FutexWaiter>> waiting = [];
    private readonly List<TaskStruct> woken;

    /// <summary>A table whose waiters are added to <paramref name="woken"/> when they may go on.</summary>
    public FutexTable(List<TaskStruct> woken) => this.woken = woken;

    /// <summary>Tasks that wait.</summary>
    public int Count => waiting.Values.Sum(list => list.Count);

    /// <summary>Lets a task wait.</summary>
    public void Add(FutexWaiter waiter)
    {
        if (!waiting.TryGetValue(waiter.Key, out List<FutexWaiter>? list))
            waiting.Add(waiter.Key, list = []);
        list.Add(waiter);
    }

    /// <summary>A task waits no more: its time is over, or a signal came.</summary>
    public void Remove(FutexWaiter waiter)
    {
        if (!waiting.TryGetValue(waiter.Key, out List<FutexWaiter>? list) || !list.Remove(waiter))
            return;
        if (list.Count == 0)
            waiting.Remove(waiter.Key);
    }

    /// <summary>
    /// Wakes those who have waited longest, as many as asked for, but one at least, as Linux does. Returns how many.
    /// </summary>
    public int Wake(FutexKey key, long count, uint bits = AnyBits) => Move(key, default, Math.Max(count, 1), 0, bits);

    /// <summary>Wakes some, and lets others wait for another futex from now on. Returns how many both were.</summary>
    public int Requeue(FutexKey from, FutexKey to, long wakes, long moves) => Move(from, to, wakes, moves, AnyBits);

    private int Move(FutexKey key, FutexKey to, long wakes, long moves, uint bits)
    {
        if (!waiting.TryGetValue(key, out List<FutexWaiter>? list))
            return 0;
        int touched = 0;
        for (int i = 0; i < list.Count && touched < wakes + moves;)
        {
            FutexWaiter waiter = list[i];
            // Who was killed meanwhile waits no more.
            if (waiter.Task.State != TaskState.WaitingForFile)
            {
                list.RemoveAt(i);
                continue;
            }

            if ((waiter.Bits & bits) == 0 || (touched >= wakes && to == key))
            {
                touched += touched >= wakes ? 1 : 0;
                i++;
                continue;
            }

            list.RemoveAt(i);
            if (touched++ < wakes)
            {
                waiter.IsWoken = true;
                waiter.Task.WakeToRetry(woken);
                continue;
            }

            waiter.Key = to;
            Add(waiter);
        }

        if (list.Count == 0)
            waiting.Remove(key);
        return touched;
    }
}
