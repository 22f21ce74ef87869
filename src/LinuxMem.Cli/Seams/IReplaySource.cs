using LinuxMem.Reporting;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Seams;

/// <summary>Makes scenarios of the logs of real programs.</summary>
internal interface IReplaySource
{
    /// <summary>Opens the logs of all processes of one program.</summary>
    /// <param name="logs">Paths; "-" is the standard input. At least one.</param>
    /// <param name="strict">Whether the first line that is none ends the run with a
    /// <c>ConfigurationException</c>.</param>
    /// <param name="sets">Settings of the machine to change, each "key=value".</param>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">What is wrong with the logs or the
    /// settings.</exception>
    /// <exception cref="IOException">A log cannot be read.</exception>
    ReplayInput Open(IReadOnlyList<string> logs, bool strict, IReadOnlyList<string> sets);
}

/// <summary>Logs, ready to run.</summary>
internal sealed record ReplayInput
{
    /// <summary>The machine, and the programs that stream the logs.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The line accounting; called when the run has ended.</summary>
    public required Func<ReplayTotals> Totals { get; init; }
}
