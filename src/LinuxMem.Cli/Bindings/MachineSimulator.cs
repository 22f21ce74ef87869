using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Seams;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Bindings;

/// <summary>The engine: every run has a machine of actors of its own.</summary>
internal sealed class MachineSimulator : ISimulator
{
    /// <inheritdoc/>
    public RunResult Run(Scenario scenario, IProgress<RunProgress>? progress, ILoggerFactory loggers,
        CancellationToken cancel) =>
        MachineRun.Execute(scenario, loggers, progress, cancel);
}
