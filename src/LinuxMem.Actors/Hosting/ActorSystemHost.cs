using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Hosting.Logging;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Actors.Hosting;

/// <summary>The actor system of one run: starts it, runs it to its end or its first failure, and stops it.</summary>
/// <remarks>
/// One thread: actors run on the thread that calls <see cref="RunUntil"/>, and nowhere else. More threads: on the
/// host's own worker threads. A schedule seed: on the calling thread, in an order drawn from the seed. Nothing of a run
/// is left when the host is disposed of, so a process can make thousands of them one after the other, or several at
/// once.
/// </remarks>
public sealed class ActorSystemHost : IDisposable
{
    /// <summary>How long <see cref="Dispose"/> waits, in milliseconds, for actors that do not end.</summary>
    private const int StopPatienceMs = 5_000;

    private readonly MessageExecutor executor;
    private readonly Task terminated;
    private volatile Exception? failure;
    private bool disposed;

    private ActorSystemHost(string name, EngineSettings engine, ILoggerFactory loggers)
    {
        var level = AkkaLog.LevelOf(loggers);
        executor = MessageExecutor.For(engine, Fail);
        try
        {
            System = ActorSystem.Create(name, ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(AkkaConfig.For(engine, level)),
                new LoggerFactorySetup(loggers),
                new HostSetup(executor, Fail)));
        }
        catch
        {
            executor.Close();
            throw;
        }

        terminated = System.WhenTerminated;
        var extended = (ExtendedActorSystem)System;
        AkkaLog.Start(extended, level);
        _ = new LostMessages(extended, Fail);
    }

    /// <summary>
    /// The actor system. Whoever holds the host creates its actors; they are supervised by
    /// <see cref="MachineSupervision"/>.
    /// </summary>
    public ActorSystem System { get; }

    /// <summary>
    /// Mailboxes that were posted by a thread outside the system: messages from the run's own thread on a pool, and on
    /// one thread none but those of an interrupt. More than that means that a task or a timer has crept into the model.
    /// </summary>
    public long ForeignPosts => executor.ForeignPosts;

    /// <summary>Starts an actor system.</summary>
    /// <param name="name">Its name, of letters, digits and hyphens.</param>
    /// <param name="engine">Threads (1 to 64), and the seed of the message schedule, if any, which needs one
    /// thread.</param>
    /// <param name="loggers">Gets Akka's log events; the level of the category "Akka" decides which.</param>
    /// <exception cref="ConfigurationException">The threads are out of range, or more than one with a schedule
    /// seed.</exception>
    public static ActorSystemHost Create(string name, EngineSettings engine, ILoggerFactory loggers)
    {
        if (engine.Threads is < 1 or > 64)
            throw new ConfigurationException($"engine.threads: {engine.Threads} is not in 1 to 64");
        if (engine.ScheduleSeed is not null && engine.Threads != 1)
            throw new ConfigurationException("engine.scheduleSeed: a seeded schedule needs engine.threads: 1");
        return new ActorSystemHost(name, engine, loggers);
    }

    /// <summary>Runs the actors until <paramref name="done"/>. Never waits for ever.</summary>
    /// <param name="done">
    /// Cheap and without side effects: asked after every turn of a mailbox on one thread; on a pool, from the calling
    /// thread while actors run, so that it reads what they publish (a volatile field).
    /// </param>
    /// <param name="standsStill">
    /// Called when no message is under way and it is not done; true if it has sent one. Null: that is the end.
    /// </param>
    /// <exception cref="Exception">
    /// The first failure: what an actor threw, in its own type, or what was given to <see cref="Fail"/>.
    /// </exception>
    /// <exception cref="KernelBug">
    /// No message is left and it is not done; or the system has terminated before it was done; or a message was lost.
    /// </exception>
    public void RunUntil(Func<bool> done, Func<bool>? standsStill = null)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        bool IsOver() => failure is not null || done() || terminated.IsCompleted;
        bool finished = executor.RunUntil(IsOver);
        while (!finished && !IsOver() && standsStill is not null && standsStill())
            finished = executor.RunUntil(IsOver);
        if (failure is { } cause)
            ExceptionDispatchInfo.Throw(cause);
        if (done())
            return;
        throw new KernelBug(finished
            ? "the actor system has terminated before the run was done"
            : "the machine stands still: no message is under way, and the run is not done");
    }

    /// <summary>
    /// Stops an actor of the top and all below it, and returns when they have ended: their names are free again.
    /// </summary>
    /// <exception cref="Exception">As for <see cref="RunUntil"/>.</exception>
    public void Stop(IActorRef actor)
    {
        System.Stop(actor);
        // Nothing else is under way once the actors have ended: no message is left.
        executor.RunUntil(() => failure is not null);
        if (failure is { } cause)
            ExceptionDispatchInfo.Throw(cause);
    }

    /// <summary>
    /// Ends the run with a failure: <see cref="RunUntil"/> throws it. The first one counts; later ones are its
    /// consequences. Any thread.
    /// </summary>
    public void Fail(Exception cause)
    {
        if (Interlocked.CompareExchange(ref failure, cause, null) is null)
            executor.Wake();
    }

    /// <summary>Stops the actors and ends the threads.</summary>
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        System.Terminate();
        for (int waited = 0; !executor.RunUntil(() => terminated.IsCompleted) && waited < StopPatienceMs; waited++)
        {
            // The last step of the termination is a continuation on the .NET thread pool.
            terminated.Wait(millisecondsTimeout: 1);
        }

        executor.Close();
    }
}
