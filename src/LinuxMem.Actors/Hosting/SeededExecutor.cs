using Akka.Dispatch;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// One thread that draws the next mailbox among the ready ones: every seed is another order of messages between actors,
/// the same each time. For tests: whatever order a real machine may see, the results are the same.
/// </summary>
internal sealed class SeededExecutor(ulong seed) : OneThreadExecutor("seeded")
{
    private readonly List<IRunnable> ready = [];
    private RandomStream schedule = new(RandomStream.Derive(seed, "schedule"));

    /// <inheritdoc/>
    protected override void Put(IRunnable run) => ready.Add(run);

    /// <inheritdoc/>
    protected override bool TryTake(out IRunnable run)
    {
        if (ready.Count == 0)
        {
            run = null!;
            return false;
        }

        int chosen = (int)schedule.Below((ulong)ready.Count);
        run = ready[chosen];
        ready[chosen] = ready[^1];
        ready.RemoveAt(ready.Count - 1);
        return true;
    }
}
