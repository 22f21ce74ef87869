using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Seams;

/// <summary>Stands for a room that a build leaves out; whoever needs it is told so.</summary>
internal sealed class Unbound : ISimulator, IScenarioSource, IReplaySource
{
    /// <inheritdoc/>
    public IReadOnlyList<string> BuiltInNames => throw Missing("scenarios");

    /// <inheritdoc/>
    public string SchemaText => throw Missing("scenarios");

    /// <inheritdoc/>
    public RunResult Run(Scenario scenario, IProgress<RunProgress>? progress, ILoggerFactory loggers,
        CancellationToken cancel) =>
        throw Missing("engine");

    /// <inheritdoc/>
    public Scenario Read(string? pathOrName, IReadOnlyList<string> sets) => throw Missing("scenarios");

    /// <inheritdoc/>
    public ReplayInput Open(IReadOnlyList<string> logs, bool strict, IReadOnlyList<string> sets) =>
        throw Missing("readers of logs");

    private static ConfigurationException Missing(string what) => new($"this build has no {what}");
}
