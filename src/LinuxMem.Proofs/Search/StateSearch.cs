using LinuxMem.Simulation;

namespace LinuxMem.Proofs.Search;

/// <summary>
/// Visits every state that can be reached, breadth first, level by level: all states that so many operations lead to,
/// then those of one operation more.
/// </summary>
/// <remarks>
/// Which states a level has, and how many operations lead from it, depends on no order; so workers take states as they
/// come, and no result tells of it. Of several things that are wrong the one of the smallest state is told.
/// </remarks>
public sealed class StateSearch
{
    private const int ChunkStates = 256;
    private readonly Func<IStateSpace> make;
    private readonly long statesMax;
    private readonly int workers;
    private readonly CancellationToken cancel;
    private readonly StateSet seen = new();
    private readonly Lock gate = new();
    private Exception? failure;
    private (ulong State, int Operation)? wrong;
    private long transitions;

    private StateSearch(Func<IStateSpace> make, long statesMax, int workers, CancellationToken cancel)
    {
        this.make = make;
        this.statesMax = statesMax;
        this.workers = workers;
        this.cancel = cancel;
    }

    /// <summary>Searches.</summary>
    /// <param name="make">Makes the structure, once for each worker.</param>
    /// <param name="statesMax">After the level with which there are so many states it ends, incomplete.</param>
    /// <param name="workers">Threads; they change no result.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public static StateSearchResult Run(
        Func<IStateSpace> make, long statesMax, int workers, CancellationToken cancel) =>
        new StateSearch(make, statesMax, workers, cancel).Run();

    private StateSearchResult Run()
    {
        List<ulong[]> level;
        using (IStateSpace first = make())
        {
            level = [[first.Start]];
            seen.Add(first.Start);
        }

        int depth = 0;
        while (true)
        {
            level = NextLevel(level);
            long count = seen.Count;
            if (wrong is { } at)
                return new StateSearchResult(count, transitions, depth + 1, false, Explain(at.State, at.Operation));
            if (level.Count == 0)
                return new StateSearchResult(count, transitions, depth, true, null);
            depth++;
            if (count >= statesMax)
                return new StateSearchResult(count, transitions, depth, false, null);
        }
    }

    // The states that one operation more leads to, in pieces, in no order.
    private List<ulong[]> NextLevel(List<ulong[]> level)
    {
        var next = new List<ulong[]>();
        int piece = 0;
        int taken = 0;
        var threads = new Thread[workers];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(Work) { IsBackground = true, Name = $"states-{i}" };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        cancel.ThrowIfCancellationRequested();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return next;

        void Work()
        {
            var found = new List<ulong>();
            try
            {
                using IStateSpace space = make();
                while (!cancel.IsCancellationRequested && Take() is { Count: > 0 } some)
                {
                    Visit(space, some, found);
                    Hand(found, atLeast: ChunkStates * ChunkStates);
                }

                Hand(found, atLeast: 1);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        }

        ArraySegment<ulong> Take()
        {
            lock (gate)
            {
                if (piece < level.Count && taken == level[piece].Length)
                    (piece, taken) = (piece + 1, 0);
                if (piece == level.Count)
                    return default;
                int count = Math.Min(ChunkStates, level[piece].Length - taken);
                var some = new ArraySegment<ulong>(level[piece], taken, count);
                taken += count;
                return some;
            }
        }

        void Hand(List<ulong> found, int atLeast)
        {
            if (found.Count < atLeast)
                return;
            lock (gate)
                next.Add([.. found]);
            found.Clear();
        }
    }

    private void Visit(IStateSpace space, ArraySegment<ulong> states, List<ulong> found)
    {
        long done = 0;
        foreach (ulong state in states)
        {
            int operations = space.Load(state);
            done += operations;
            for (int operation = 0; operation < operations; operation++)
            {
                if (TryDo(space, operation, out ulong next) is not null)
                    Note(state, operation);
                else if (seen.Add(next))
                    found.Add(next);
            }
        }

        Interlocked.Add(ref transitions, done);
    }

    // Whatever a broken structure throws is a finding.
    private static string? TryDo(IStateSpace space, int operation, out ulong next)
    {
        try
        {
            next = space.Do(operation);
            return null;
        }
        catch (KernelBug bug)
        {
            next = 0;
            return bug.Message;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            next = 0;
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    private void Note(ulong state, int operation)
    {
        lock (gate)
        {
            if (wrong is null || (state, operation).CompareTo(wrong.Value) < 0)
                wrong = (state, operation);
        }
    }

    // Searches once more, in a fixed order, for the way to where something is wrong.
    private StateFinding Explain(ulong wrongState, int wrongOperation)
    {
        using IStateSpace space = make();
        var before = new Dictionary<ulong, (ulong State, int Operation)> { [space.Start] = default };
        var open = new Queue<ulong>([space.Start]);
        while (!before.ContainsKey(wrongState) && open.TryDequeue(out ulong state))
        {
            cancel.ThrowIfCancellationRequested();
            int operations = space.Load(state);
            for (int operation = 0; operation < operations; operation++)
            {
                if (TryDo(space, operation, out ulong next) is null && before.TryAdd(next, (state, operation)))
                    open.Enqueue(next);
            }
        }

        space.Load(wrongState);
        var path = new List<string> { space.Describe(wrongOperation) };
        string text = TryDo(space, wrongOperation, out _) ?? "it does not happen again";
        for (ulong state = wrongState; state != space.Start; state = before[state].State)
        {
            space.Load(before[state].State);
            path.Add(space.Describe(before[state].Operation));
        }

        path.Reverse();
        return new StateFinding(text, path);
    }
}
