using Akka.Actor;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Processes;

/// <summary>A process: its programs, one a thread, say what they do next whenever a CPU asks.</summary>
public sealed class ProcessActor : UntypedActor
{
    private readonly ProcessPrograms programs = new();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not BatchExchange exchange)
        {
            Unhandled(message);
            return;
        }

        if (exchange.NewProgram is { } program)
            programs.Start(program, exchange.Start);
        if (exchange.Signals is { Count: > 0 } signals)
            programs.Handle(exchange.Tid, signals);
        programs.Fill(exchange.Tid, exchange.Batch!, exchange.Result);
        exchange.Cpu.Tell(exchange, Self);
    }
}
