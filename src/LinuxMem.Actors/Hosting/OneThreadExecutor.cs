using System.Runtime.CompilerServices;
using Akka.Dispatch;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Runs every mailbox on the thread that calls <see cref="RunUntil"/>: no switch of threads, no lock, nothing
/// allocated. What order they run in is the subclass's.
/// </summary>
/// <remarks>
/// Nothing runs outside RunUntil. The thread that made the executor, and from then on the one that last called
/// RunUntil, posts without a lock; any other thread's posts go through <see cref="foreign"/>. Precondition: one
/// RunUntil at a time.
/// </remarks>
internal abstract class OneThreadExecutor(string id) : MessageExecutor(id)
{
    /// <summary>
    /// Mailboxes run before somebody asks again whether all is done: asking costs a tenth of a turn, and a machine that
    /// is done posts nothing more.
    /// </summary>
    private const int TurnsBetweenLooks = 16;

    /// <summary>Posts of other threads that were not taken over yet; guarded by itself.</summary>
    private readonly List<IRunnable> foreign = [];

    /// <summary>
    /// Number of posts in <see cref="foreign"/>; written under its lock, read without to keep the loop cheap.
    /// </summary>
    private volatile int foreignWaiting;

    /// <summary>The thread whose posts need no lock.</summary>
    private int ownerThread = Environment.CurrentManagedThreadId;

    private long foreignPosts;

    /// <inheritdoc/>
    public override long ForeignPosts => Interlocked.Read(ref foreignPosts);

    /// <inheritdoc/>
    public sealed override void Execute(IRunnable run)
    {
        if (Environment.CurrentManagedThreadId == ownerThread)
            Put(run);
        else
            PutForeign(run);
    }

    /// <inheritdoc/>
    public sealed override bool RunUntil(Func<bool> done)
    {
        ownerThread = Environment.CurrentManagedThreadId;
        while (!done())
        {
            for (int turn = 0; turn < TurnsBetweenLooks; turn++)
            {
                if (foreignWaiting != 0)
                    TakeForeign();
                if (!TryTake(out var run))
                    return foreignWaiting == 0 ? done() : RunUntil(done);
                run.Run();
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        // RunUntil asks after every mailbox, and never waits.
    }

    /// <inheritdoc/>
    public override void Close()
    {
        // There is no thread to end.
    }

    /// <summary>Adds a mailbox that is ready to run. Called on the owner's thread.</summary>
    protected abstract void Put(IRunnable run);

    /// <summary>Takes the mailbox that runs next; false if none is ready. Called on the owner's thread.</summary>
    protected abstract bool TryTake(out IRunnable run);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PutForeign(IRunnable run)
    {
        lock (foreign)
        {
            foreign.Add(run);
            foreignWaiting = foreign.Count;
            foreignPosts++;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeForeign()
    {
        lock (foreign)
        {
            foreach (var run in foreign)
                Put(run);
            foreign.Clear();
            foreignWaiting = 0;
        }
    }
}
