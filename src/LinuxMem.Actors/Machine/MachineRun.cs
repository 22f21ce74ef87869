using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Hosting;
using LinuxMem.Actors.Messages;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Actors.Machine;

/// <summary>Runs scenarios: each on a machine of its own, in an actor system of its own.</summary>
public static class MachineRun
{
    /// <summary>Runs a scenario to its end.</summary>
    /// <param name="scenario">What to run.</param>
    /// <param name="loggers">Gets the log events of the actors.</param>
    /// <param name="progress">Hears now and then how far the run is, on the machine's thread.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <param name="crashes">Actors that crash on the way; changes no result.</param>
    /// <exception cref="KernelBug">An invariant of the machine is broken.</exception>
    /// <exception cref="ConfigurationException">The scenario asks for what cannot be.</exception>
    /// <exception cref="OperationCanceledException">The run was ended early.</exception>
    public static RunResult Execute(
        Scenario scenario, ILoggerFactory loggers, IProgress<RunProgress>? progress = null,
            CancellationToken cancel = default, CrashPlan? crashes = null)
    {
        using var outcome = new RunOutcome(progress); // before the host, so that it is disposed of after it
        using ActorSystemHost host = ActorSystemHost.Create("linuxmem", scenario.Engine, loggers);
        using CancellationTokenRegistration registration = cancel.Register(() =>
            host.Fail(new OperationCanceledException(cancel)));
        IActorRef machine = host.System.ActorOf(
            Props.Create(() => new MachineActor(scenario, outcome, crashes)), "machine");
        machine.Tell(new PowerOn(), ActorRefs.NoSender);
        host.RunUntil(() => outcome.Result is not null);
        return outcome.Result!;
    }
}
