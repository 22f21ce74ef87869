using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Actors.Machine;

/// <summary>
/// Runs scenarios one after the other: each on a machine of its own, all in one actor system as long as their engine's
/// settings are equal and no run fails.
/// </summary>
/// <remarks>
/// Starting and ending an actor system takes milliseconds, more than a short log's replay. A run leaves nothing behind
/// in the system: its actors have stopped before the next one starts, so what comes of it is the same as in a new
/// system (<c>MachineHostSpec</c>). Not thread-safe.
/// </remarks>
public sealed class MachineHost(ILoggerFactory loggers) : IDisposable
{
    private ActorSystemHost? host;
    private (int Threads, ulong? ScheduleSeed) engine;

    /// <summary>Runs a scenario to its end.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="progress">Hears now and then how far the run is, on the machine's thread.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <param name="crashes">Actors that crash on the way; changes no result.</param>
    /// <exception cref="KernelBug">An invariant of the machine is broken.</exception>
    /// <exception cref="ConfigurationException">The scenario asks for what cannot be.</exception>
    /// <exception cref="OperationCanceledException">The run was ended early.</exception>
    public RunResult Run(Scenario scenario, IProgress<RunProgress>? progress = null,
        CancellationToken cancel = default, CrashPlan? crashes = null)
    {
        var wires = MachineWires.Of(scenario);
        using var outcome = new RunOutcome(progress); // its RAM is freed when no actor runs any more
        try
        {
            ActorSystemHost system = SystemFor(scenario.Engine);
            using CancellationTokenRegistration registration = cancel.Register(() =>
                system.Fail(new OperationCanceledException(cancel)));
            IActorRef machine = system.System.ActorOf(
                Props.Create(typeof(MachineActor), scenario, outcome, crashes, wires), "machine");
            machine.Tell(new PowerOn(), ActorRefs.NoSender);
            system.RunUntil(() => outcome.Result is not null, wires is null ? null : wires.StandsStill);
            system.Stop(machine);
        }
        catch
        {
            // A failure stays with its system.
            Dispose();
            throw;
        }

        RunResult result = outcome.Result!;
        return wires is null ? result : result with { Faults = result.Faults! with { Messages = wires.Counts() } };
    }

    /// <summary>Ends the actor system. Another run starts a new one.</summary>
    public void Dispose()
    {
        host?.Dispose();
        host = null;
    }

    private ActorSystemHost SystemFor(EngineSettings settings)
    {
        (int, ulong?) wanted = (settings.Threads, settings.ScheduleSeed);
        if (host is not null && engine == wanted)
            return host;
        Dispose();
        engine = wanted;
        return host = ActorSystemHost.Create("linuxmem", settings, loggers);
    }
}
