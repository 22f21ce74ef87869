using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Seams;

/// <summary>Runs scenarios: the engine, as the command sees it.</summary>
internal interface ISimulator
{
    /// <summary>Runs a scenario to its end.</summary>
    /// <param name="scenario">What to run; its engine settings say on how many threads.</param>
    /// <param name="progress">Told now and then, from any thread but one at a time, how far the run is; null if nobody
    /// looks.</param>
    /// <param name="loggers">Where the engine logs to.</param>
    /// <param name="cancel">Ends the run early.</param>
    /// <exception cref="LinuxMem.Simulation.KernelBug">An invariant of the machine broke.</exception>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">The scenario cannot be run, or a log that it
    /// streams is bad.</exception>
    /// <exception cref="OperationCanceledException">The run was ended early.</exception>
    RunResult Run(Scenario scenario, IProgress<RunProgress>? progress, ILoggerFactory loggers,
        CancellationToken cancel);
}
