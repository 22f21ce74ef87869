using System.Collections.Concurrent;
using Akka.Actor;
using LinuxMem.Actors.Hosting;

namespace LinuxMem.Actors.Tests.Hosting;

/// <summary>What the actors below did, kept outside them.</summary>
internal sealed class Notebook
{
    public int Handled;
    public volatile bool Done;
    public readonly ConcurrentQueue<string> Lines = new();
    public readonly ConcurrentQueue<Thread> Threads = new();
}

/// <summary>Sends a ball back a number of times, then says done.</summary>
internal sealed class PingActor(IActorRef pong, int trips, Notebook notes) : UntypedActor
{
    private int left = trips;

    protected override void OnReceive(object message)
    {
        notes.Handled++;
        if (left-- > 0)
            pong.Tell(message, Self);
        else
            notes.Done = true;
    }
}

internal sealed class PongActor : UntypedActor
{
    protected override void OnReceive(object message) => Sender.Tell(message, Self);
}

/// <summary>Throws what it is sent; a string "crash" is handled after one injected crash.</summary>
internal sealed class ThrowingActor(Notebook notes) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is Exception exception)
            throw exception;
        if (message is "crash" && notes.Handled++ == 0)
            throw new InjectedCrashException("the first time");
        notes.Lines.Enqueue($"{message} {notes.Handled}");
        notes.Done = true;
    }

    protected override void PreRestart(Exception reason, object message)
    {
        if (reason is InjectedCrashException)
            Self.Tell(message, Sender);
    }
}

internal sealed class BrokenConstructorActor : UntypedActor
{
    public BrokenConstructorActor(Exception exception) => throw exception;

    protected override void OnReceive(object message)
    {
    }
}

/// <summary>Hands its message to a child below it.</summary>
internal sealed class ParentActor(Notebook notes) : UntypedActor
{
    private IActorRef? child;

    protected override void PreStart() =>
        child = Context.ActorOf(Props.Create(() => new ThrowingActor(notes)), "child");

    protected override void OnReceive(object message) => child.Forward(message);

    protected override SupervisorStrategy SupervisorStrategy() => MachineSupervision.Strategy;
}

/// <summary>Knows one message only.</summary>
internal sealed class ChoosyActor : UntypedActor
{
    protected override void OnReceive(object message) => Unhandled(message);
}

/// <summary>Asks Akka for a timer.</summary>
internal sealed class TimerActor : UntypedActor
{
    protected override void OnReceive(object message) => Context.SetReceiveTimeout(TimeSpan.FromMilliseconds(1));
}

/// <summary>Stops the whole system.</summary>
internal sealed class TerminatorActor : UntypedActor
{
    protected override void OnReceive(object message) => Context.System.Terminate();
}

/// <summary>Notes its name and thread for every message, and forwards it to a counter.</summary>
internal sealed class WriterActor(Notebook notes, int total) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        notes.Lines.Enqueue(Self.Path.Name + message);
        notes.Threads.Enqueue(Thread.CurrentThread);
        if (Interlocked.Increment(ref notes.Handled) == total)
            notes.Done = true;
    }
}

/// <summary>Sends every writer the messages 0 to count - 1, round by round.</summary>
internal sealed class FanOutActor(IActorRef[] writers, int count) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (var writer in writers)
                writer.Tell(i.ToString(System.Globalization.CultureInfo.InvariantCulture), Self);
        }
    }
}
