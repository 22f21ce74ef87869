using LinuxMem.Cli.Bindings;
using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli;

/// <summary>Puts the rooms together: what stands behind each of the command's seams.</summary>
internal static class Composition
{
    /// <summary>The services of the real program.</summary>
    public static CommandServices Create(CancellationToken cancel)
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        return new CommandServices
        {
            Simulator = new MachineSimulator(),
            Scenarios = new ScenarioFiles(),
            Replays = new ReplayLogs(),
            MissStudies = new MissStudies(),
            Scale = new ScaleRuns(),
            Recorder = new StraceRecorder(path),
            MeasureHost = new HostBench(path).Measure,
            MeasureHostScale = new HostBench(path).MeasureScale,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            InputIsTerminal = !Console.IsInputRedirected,
            Cancel = cancel,
        };
    }
}
