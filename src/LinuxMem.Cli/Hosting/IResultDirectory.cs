using LinuxMem.Reporting;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// A directory that a run makes: checked before the run, begun when it starts, complete or not there at its end.
/// </summary>
internal interface IResultDirectory : IDisposable
{
    /// <summary>Finds out whether anything can be written, so that a run does not end in vain.</summary>
    void Begin();

    /// <summary>Writes the files and puts the directory in its place. Precondition: begun.</summary>
    void Complete(RunResult result, ReplayTotals? replay);
}
