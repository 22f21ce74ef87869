using Akka.Dispatch;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Runs the mailboxes of an actor system. The three kinds differ in threads and order only, so the same run has the
/// same results on each of them.
/// </summary>
/// <remarks>
/// An executor knows when nothing is left to run. As the machine has no timers and waits for nothing outside, a run
/// that is not done then never will be: that is how a lost message shows itself at once, instead of hanging.
/// </remarks>
internal abstract class MessageExecutor(string id) : ExecutorService(id)
{
    /// <summary>The executor that the settings ask for.</summary>
    /// <param name="engine">Its threads and schedule seed. Precondition: a seed goes with one thread.</param>
    /// <param name="fail">Takes an exception that escapes from a mailbox on a worker thread.</param>
    public static MessageExecutor For(EngineSettings engine, Action<Exception> fail)
    {
        if (engine.ScheduleSeed is { } seed)
            return new SeededExecutor(seed);
        return engine.Threads == 1 ? new TrampolineExecutor() : new PoolExecutor(engine.Threads, fail);
    }

    /// <summary>
    /// Mailboxes that were posted by a thread that is none of the executor's own: none, while a machine runs.
    /// </summary>
    public abstract long ForeignPosts { get; }

    /// <summary>
    /// Whether what a thread posts is worth another thread's while; one thread takes no notice. The machine says so,
    /// and only speed depends on it: what is posted while it is false stays with the thread that posted it. Any thread.
    /// </summary>
    public virtual bool SpreadsWork
    {
        get => true;
        set
        {
        }
    }

    /// <summary>Runs mailboxes until <paramref name="done"/>, asked on the calling thread.</summary>
    /// <returns>False if nothing is left to run and it is still not done.</returns>
    public abstract bool RunUntil(Func<bool> done);

    /// <summary>
    /// Has a <see cref="RunUntil"/> that waits on another thread ask its condition again. Any thread.
    /// </summary>
    public abstract void Wake();

    /// <summary>Ends the executor's threads, if it has any. Precondition: the actor system has terminated.</summary>
    public abstract void Close();

    /// <summary>Does nothing: several dispatchers share the executor, and the host that made it closes it.</summary>
    public override void Shutdown()
    {
    }
}
