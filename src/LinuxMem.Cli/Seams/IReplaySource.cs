using LinuxMem.Reporting;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Seams;

/// <summary>Makes scenarios of the logs of real programs.</summary>
internal interface IReplaySource
{
    /// <summary>Opens the logs of all processes of one program, of whatever tool.</summary>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">What is wrong with the logs or the
    /// settings.</exception>
    /// <exception cref="IOException">A log cannot be read.</exception>
    ReplayInput Open(ReplayRequest request);
}

/// <summary>What a replay is asked for.</summary>
/// <param name="Logs">Paths; "-" is the standard input. At least one.</param>
/// <param name="Strict">Whether the first line that is none ends the run with a
/// <c>ConfigurationException</c>.</param>
/// <param name="Sets">Settings of the machine to change, each "key=value".</param>
internal sealed record ReplayRequest(IReadOnlyList<string> Logs, bool Strict, IReadOnlyList<string> Sets)
{
    /// <summary>What of the log is compared: calls or all; null for nothing.</summary>
    public string? Check { get; init; }

    /// <summary>Whether it goes on after an answer that is not the logged one.</summary>
    public bool KeepGoing { get; init; }

    /// <summary>A file with the memory maps of executables; null for none.</summary>
    public string? Layouts { get; init; }

    /// <summary>Where a lackey log's mappings are put: logged or linux; null is logged.</summary>
    public string? Layout { get; init; }

    /// <summary>With the layout of Linux: the directory that stands for the root of the file system.</summary>
    public string? Sysroot { get; init; }

    /// <summary>
    /// With the layout of Linux: where the program was started; null for the current directory, or the root of a
    /// <see cref="Sysroot"/> that is given.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>With the layout of Linux: the processor to predict for, avx512 or avx2; null is avx512.</summary>
    public string? Processor { get; init; }

    /// <summary>
    /// With the layout of Linux: the programs' environment, NAME=VALUE each; empty for the usual one.
    /// </summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Whether anything is given that goes with a layout.</summary>
    public bool IsOfLayout => Sysroot is not null || WorkingDirectory is not null || Processor is not null
        || Environment.Count > 0;
}

/// <summary>Logs, ready to run.</summary>
internal sealed record ReplayInput
{
    /// <summary>The machine, and the programs that stream the logs.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>The line accounting; called when the run has ended, with its result.</summary>
    public required Func<RunResult, ReplayTotals> Totals { get; init; }
}
