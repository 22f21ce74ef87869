using LinuxMem.Actors.Machine;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Strace;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>
/// The logs of strace that the tests keep, most of them short, each read, planned and checked on a machine of its own.
/// </summary>
internal sealed class ReplayBench : IBench
{
    private const int Passes = 25;

    public string Name => "replay";

    public string About => "calls of logs of strace checked";

    public void Run(Report report)
    {
        string[] logs = [.. Directory.GetFiles(Path.Combine(Root(), "tests"), "*.strace.*", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        using var host = new MachineHost(NullLoggerFactory.Instance);
        long calls = 0;
        double cold = Measure.Seconds(() => calls = Replay(host, logs));
        double warm = Measure.Best(Passes, () => Measure.Seconds(() => Replay(host, logs)));
        report.Add($"logs, {calls} calls", logs.Length, "");
        report.Add("calls checked, cold code", calls / cold, "/s");
        report.AddAtLeast("calls checked", calls / warm, "/s", 100_000);
    }

    private static long Replay(MachineHost host, string[] logs)
    {
        long calls = 0;
        foreach (string path in logs)
        {
            StraceReplay replay = StraceReplay.Open(path, new StraceOptions
            {
                Check = CheckLevel.All,
                KeepGoing = true,
            });
            EngineSettings engine = replay.Scenario.Engine with { Audit = AuditLevel.Off };
            Scenario scenario = replay.Scenario with { Engine = engine };
            RunResult result = host.Run(scenario);
            calls += replay.Finish(result).Calls;
        }

        return calls;
    }

    private static string Root()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "LinuxMem.Actors.sln")))
            at = Path.GetDirectoryName(at);
        return at ?? throw new InvalidOperationException("the logs are in the repository, and this is outside of it");
    }
}
