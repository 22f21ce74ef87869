using LinuxMem.Actors.Crashes;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Actors.Machine;

/// <summary>
/// Runs scenarios: each on a machine of its own, in an actor system of its own. For many in a row there is
/// <see cref="MachineHost"/>.
/// </summary>
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
        using var host = new MachineHost(loggers);
        return host.Run(scenario, progress, cancel, crashes);
    }
}
