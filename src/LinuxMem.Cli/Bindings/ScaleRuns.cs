using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;
using LinuxMem.Workloads.WillItScale;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Bindings;

/// <summary>Tests of will-it-scale on the simulated machine.</summary>
internal sealed class ScaleRuns : IScaleRuns
{
    private const double LeastShare = 0.01;
    private static readonly byte[] EmptyScenario = Encoding.UTF8.GetBytes(
        """{ "name": "scale", "processes": [ { "name": "none", "steps": [ { "exit": 0 } ] } ] }""");

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, string Description)> Tests =>
        [.. ScaleTest.All.Select(test => (test.Name, test.Description))];

    /// <inheritdoc/>
    public ScaleCurve Run(ScaleRequest request, Action<string> done, CancellationToken cancel)
    {
        ScaleTest test = ScaleTest.Find(request.Test)!;
        Scenario settings = ScenarioReader.Parse(EmptyScenario, "--set", request.Sets);
        settings = settings with { Engine = settings.Engine with { Threads = request.Threads } };
        (string Mode, string Locks)[] curves =
        [
            .. request.Modes.SelectMany(mode => (mode == "threads" ? request.Locks : request.Locks.TakeLast(1))
                .Select(locks => (mode, locks))),
        ];
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        using var host = new MachineHost(loggers);
        var series = new List<ScaleSeries>();
        foreach ((string Mode, string Locks) curve in curves)
        {
            var points = new List<ScalePoint>();
            foreach (int cpus in request.Cpus)
            {
                points.Add(Point(host, test, settings, curve, cpus, request, cancel));
                done($"{curve.Mode}, {curve.Locks}: {cpus} CPUs");
            }

            series.Add(new ScaleSeries(curve.Mode, curve.Locks, points));
        }

        return new ScaleCurve(test.Name, test.Description, request.WindowNs, series);
    }

    private static ScalePoint Point(MachineHost host, ScaleTest test, Scenario settings,
        (string Mode, string Locks) curve, int cpus, ScaleRequest request, CancellationToken cancel)
    {
        MachineSettings machine = settings.Machine with
        {
            Locks = settings.Machine.Locks with { PerVma = curve.Locks == "per-vma" },
        };
        long windowNs = request.WindowNs;
        var scaled = new ScaleSettings(curve.Mode == "threads" ? ScaleMode.Threads : ScaleMode.Processes, cpus)
        {
            WindowNs = windowNs,
            Machine = machine,
            Engine = settings.Engine with { Audit = AuditLevel.Off },
        };
        var scale = new ScaleScenario(
            test, request.RegionBytes is { } region ? scaled with { RegionBytes = region } : scaled);
        RunResult result = host.Run(scale.Scenario, cancel: cancel);
        if (result.Processes.FirstOrDefault(p => p.EndNs >= 0 && p.Ppid == 1) is { } ended)
            throw new ConfigurationException($"{test.Name} on {cpus} CPUs: process {ended.Pid} has {ended.Fate}");
        LockClassResult? limit = result.Locks?.Classes.MaxBy(c => c.Waits.TotalNs);
        double share = limit is null ? 0 : (double)limit.Waits.TotalNs / (cpus * windowNs);
        return new ScalePoint(cpus, scale.Operations, scale.Operations * 1e9 / windowNs,
            share < LeastShare ? "" : limit!.Class, share < LeastShare ? 0 : share, result.Digest);
    }
}
