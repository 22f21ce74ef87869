using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Processes;

/// <summary>A process: its programs, one a thread, say what they do next whenever a CPU asks.</summary>
public sealed class ProcessActor : UntypedActor
{
    private readonly ProcessPrograms programs;
    private readonly CrashPoint? crash;
    private readonly ActorPort? port;

    /// <summary>Around the programs, which live longer than the actor.</summary>
    public ProcessActor(ProcessPrograms programs, CrashPoint? crash, ActorPort? port)
    {
        this.port = port;
        this.programs = programs;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (!ActorPort.Take(port, ref message))
            return;
        if (message is not BatchExchange exchange)
        {
            if (message is CrashOrder order)
                order.Strike();
            Unhandled(message);
            return;
        }

        crash?.Before();
        programs.Answer(exchange);
        crash?.After();
        ActorPort.Post(port, exchange.Cpu, exchange, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) =>
        CrashOrder.BeforeRestart(message, Self, Sender);
}
