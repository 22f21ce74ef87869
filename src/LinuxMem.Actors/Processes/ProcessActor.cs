using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Processes;

/// <summary>A process: its programs, one a thread, say what they do next whenever a CPU asks.</summary>
public sealed class ProcessActor : UntypedActor
{
    private readonly ProcessPrograms programs;
    private readonly CrashPoint? crash;

    /// <summary>Around the programs, which live longer than the actor.</summary>
    public ProcessActor(ProcessPrograms programs, CrashPoint? crash)
    {
        this.programs = programs;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not BatchExchange exchange)
        {
            Unhandled(message);
            return;
        }

        crash?.Before();
        programs.Answer(exchange);
        crash?.After();
        exchange.Cpu.Tell(exchange, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) => Self.Tell(message, Sender);
}
