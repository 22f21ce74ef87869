using System.Collections.Concurrent;
using System.Globalization;
using Akka.Dispatch;

namespace LinuxMem.Actors.Hosting;

/// <summary>Several threads that share one queue of ready mailboxes, for <c>--threads 2</c> and more.</summary>
/// <remarks>
/// The first mailbox that a worker posts while it runs another stays with the worker as its own next one: a chain of
/// messages (the serial part of a round) goes on in the same cache, and wakes nobody. What it posts beyond that (the
/// CPU phase's fan-out) goes to the queue. A mailbox kept so waits for the end of the present one at most, for its
/// worker can do nothing else. While the machine says that its rounds are too short for that
/// (<see cref="SpreadsWork"/>), all that a worker posts stays with it, and the others sleep. Akka's own fork-join
/// dispatcher is not used because its threads outlive the system by a timer, and it cannot tell that nothing is left to
/// do.
/// </remarks>
internal sealed class PoolExecutor : MessageExecutor
{
    /// <summary>
    /// Turns of looking at an empty queue before a worker sleeps: some hundred microseconds. Rounds are that long, and
    /// a worker that sleeps between them costs a quarter of the speed of two.
    /// </summary>
    private const int SpinsBeforeSleep = 1000;

    /// <summary>
    /// Mailboxes that a worker takes from its own posts before it looks at the queue, so that no chain starves the
    /// rest.
    /// </summary>
    private const int OwnInARow = 64;

    private readonly ConcurrentQueue<IRunnable> queue = new();
    private readonly ThreadLocal<Worker?> current = new();
    private readonly Worker[] workers;
    private readonly Action<Exception> fail;

    /// <summary>Guards sleeping workers.</summary>
    private readonly object sleep = new();

    /// <summary>Guards the thread in <see cref="RunUntil"/>.</summary>
    private readonly object watch = new();

    /// <summary>Mailboxes posted and not yet run to their end.</summary>
    private int pending;

    /// <summary>Workers that sleep or are about to; changed under <see cref="sleep"/>.</summary>
    private volatile int sleepers;

    private volatile bool closed;
    private volatile bool spreadsWork = true;
    private long foreignPosts;

    /// <summary>Starts the threads. Precondition: threads at least 1.</summary>
    public PoolExecutor(int threads, Action<Exception> fail)
        : base("pool")
    {
        this.fail = fail;
        workers = new Worker[threads];
        for (int i = 0; i < threads; i++)
            workers[i] = new Worker(this, i);
        foreach (var worker in workers)
            worker.Thread.Start();
    }

    /// <inheritdoc/>
    public override long ForeignPosts => Interlocked.Read(ref foreignPosts);

    /// <inheritdoc/>
    public override bool SpreadsWork
    {
        get => spreadsWork;
        set => spreadsWork = value;
    }

    /// <inheritdoc/>
    public override void Execute(IRunnable run)
    {
        Interlocked.Increment(ref pending);
        var worker = current.Value;
        if (worker is null)
            Interlocked.Increment(ref foreignPosts);
        else if (!spreadsWork || worker.Own.IsEmpty)
        {
            worker.Own.Put(run);
            return;
        }

        queue.Enqueue(run);

        // A worker counts itself as a sleeper before it looks at the queue for the last time: with the fence, one of us
        // sees the other.
        Interlocked.MemoryBarrier();
        if (sleepers > 0)
        {
            lock (sleep)
                Monitor.Pulse(sleep);
        }
    }

    /// <inheritdoc/>
    public override bool RunUntil(Func<bool> done)
    {
        lock (watch)
        {
            while (!done())
            {
                if (Volatile.Read(ref pending) == 0)
                    return done();
                // Whoever ends the last mailbox pulses; the timeout serves a condition that comes true while others
                // still run.
                Monitor.Wait(watch, millisecondsTimeout: 10);
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Wake()
    {
        lock (watch)
            Monitor.PulseAll(watch);
    }

    /// <inheritdoc/>
    public override void Close()
    {
        closed = true;
        lock (sleep)
            Monitor.PulseAll(sleep);
        foreach (var worker in workers)
            worker.Thread.Join();
        current.Dispose();
    }

    private void Work(Worker self)
    {
        current.Value = self;
        while (TryTake(self, out var run))
        {
            try
            {
                run.Run();
            }
            catch (Exception e)
            {
                // Actors' exceptions end in their supervisor; this one came out of Akka itself.
                fail(e);
            }

            if (Interlocked.Decrement(ref pending) == 0)
                Wake();
        }
    }

    private bool TryTake(Worker self, out IRunnable run)
    {
        if (self.TakeOwn(queue) is { } own)
        {
            run = own;
            return true;
        }

        var spin = default(SpinWait);
        while (!queue.TryDequeue(out run!))
        {
            if (closed)
                return false;
            if (spin.Count < SpinsBeforeSleep)
                spin.SpinOnce(sleep1Threshold: -1);
            else
                SleepUntilPosted();
        }

        return true;
    }

    private void SleepUntilPosted()
    {
        lock (sleep)
        {
            sleepers++;
            Interlocked.MemoryBarrier();
            if (queue.IsEmpty && !closed)
                Monitor.Wait(sleep);
            sleepers--;
        }
    }

    /// <summary>A thread, and the mailboxes that it will run next because it posted them.</summary>
    private sealed class Worker
    {
        public Worker(PoolExecutor pool, int index) => Thread = new Thread(() => pool.Work(this))
        {
            IsBackground = true,
            Name = "linuxmem-" + index.ToString(CultureInfo.InvariantCulture),
        };

        public Thread Thread { get; }

        /// <summary>Touched by the worker's own thread only, as everything here.</summary>
        public MailboxRing Own = new();

        private int taken;

        /// <summary>
        /// Takes the worker's own next mailbox, if it has one. When its turn is over and others wait, that goes to the
        /// end of the queue and the head of the queue comes first.
        /// </summary>
        public IRunnable? TakeOwn(ConcurrentQueue<IRunnable> queue)
        {
            if (!Own.TryTake(out IRunnable own))
            {
                taken = 0;
                return null;
            }

            if (++taken <= OwnInARow)
                return own;
            taken = 0;
            if (!queue.TryDequeue(out var waiting))
                return own;
            queue.Enqueue(own);
            return waiting;
        }
    }
}
