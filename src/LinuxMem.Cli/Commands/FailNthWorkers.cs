using LinuxMem.Simulation.Faults;

namespace LinuxMem.Cli.Commands;

/// <summary>
/// Carries out the runs of a sweep on several threads; their order in the result is that of the plan.
/// </summary>
internal static class FailNthWorkers
{
    /// <summary>Carries them out.</summary>
    /// <param name="count">How many runs.</param>
    /// <param name="workers">Threads, at least 1 if there are runs.</param>
    /// <param name="runOne">Carries out one, by its place in the plan. Any thread.</param>
    /// <param name="done">Hears how many are done, on any thread, one at a time.</param>
    /// <exception cref="Exception">What the first run threw that did.</exception>
    public static IReadOnlyList<FailNthRun> Run(
        int count, int workers, Func<int, FailNthRun> runOne, Action<int> done)
    {
        var runs = new FailNthRun[count];
        var gate = new Lock();
        Exception? failure = null;
        int next = -1, finished = 0;
        void Work()
        {
            for (int i = Interlocked.Increment(ref next); i < count && failure is null;
                i = Interlocked.Increment(ref next))
            {
                try
                {
                    runs[i] = runOne(i);
                }
                catch (Exception e)
                {
                    lock (gate)
                        failure ??= e;
                    return;
                }

                lock (gate)
                    done(++finished);
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, workers).Select(i => new Thread(Work) { Name = $"fail-nth-{i}" })];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return runs;
    }
}
