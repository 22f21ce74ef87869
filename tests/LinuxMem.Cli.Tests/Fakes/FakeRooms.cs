using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Tests.Fakes;

/// <summary>Stands for all the rooms that the command composes, and remembers what it was asked.</summary>
internal sealed class FakeRooms : ISimulator, IScenarioSource, IReplaySource, IRecorder, IMissStudies, IScaleRuns
{
    public List<string> Calls { get; } = [];

    public Scenario? Ran { get; private set; }

    public bool HadProgress { get; private set; }

    public Func<Scenario, RunResult> Engine { get; set; } = SampleRun.Of;

    public Func<Scenario>? Reader { get; set; }

    public ReplayTotals Totals { get; set; } = SampleRun.Totals(rejected: 0);

    public Func<string, int> Recorder { get; set; } = _ => 0;

    public string? Recorded { get; private set; }

    public ReplayRequest? Opened { get; private set; }

    public int Reports { get; set; }

    public IReadOnlyList<(string Name, string Description)> Tests => [("mmap1", "Maps."), ("brk1", "Moves the heap.")];

    public ScaleRequest? Scaled { get; private set; }

    public ScaleCurve Run(ScaleRequest request, Action<string> done, CancellationToken cancel)
    {
        Scaled = request;
        done("1 CPU");
        IEnumerable<ScaleSeries> series = request.Modes.Select(mode => new ScaleSeries(mode, request.Locks[0],
        [
            .. request.Cpus.Select(cpus => new ScalePoint(cpus, 1000 * Math.Min(cpus, 3), 1e5 * Math.Min(cpus, 3),
                cpus > 3 ? "mmap_lock" : "", cpus > 3 ? 0.5 : 0, "0123456789abcdef")),
        ]));
        return new ScaleCurve(request.Test, "Maps.", request.WindowNs, [.. series]);
    }

    public IReadOnlyList<string> BuiltInNames { get; set; } = ["showcase", "tiny"];

    public string SchemaText => "{ \"title\": \"scenario\" }\n";

    public RunResult Run(Scenario scenario, IProgress<RunProgress>? progress, ILoggerFactory loggers,
        CancellationToken cancel)
    {
        Calls.Add("run");
        Ran = scenario;
        HadProgress = progress is not null;
        for (int i = 1; i <= Reports; i++)
            progress?.Report(new RunProgress(1_000_000L * i, i, 12_345_678L * i, 9 * i, 5, i, 60, 100));
        cancel.ThrowIfCancellationRequested();
        return Engine(scenario);
    }

    public Scenario Read(string? pathOrName, IReadOnlyList<string> sets)
    {
        Calls.Add($"read {pathOrName ?? "(default)"} [{string.Join(' ', sets)}]");
        if (Reader is not null)
            return Reader();
        return SampleRun.Scenario with { Name = pathOrName ?? "showcase" };
    }

    public ReadOnlyMemory<byte> Text(string? pathOrName) => "{ }"u8.ToArray();

    public ReplayInput Open(ReplayRequest request)
    {
        Calls.Add($"open {string.Join(' ', request.Logs)} strict={request.Strict} [{string.Join(' ', request.Sets)}]");
        Opened = request;
        return new ReplayInput { Scenario = SampleRun.Scenario with { Name = "replay" }, Totals = _ => Totals };
    }

    public MissStudy Run(MissRequest request, CancellationToken cancel)
    {
        Calls.Add($"mrc {request.Log} {string.Join(',', request.Policies)} [{string.Join(',', request.Frames)}] "
            + $"seed={request.Seed}");
        return new Bindings.MissStudies().Run(request, cancel);
    }

    public int Record(IReadOnlyList<string> program, string log, CancellationToken cancel)
    {
        Calls.Add($"record {string.Join('|', program)}");
        Recorded = log;
        return Recorder(log);
    }

    public static Exception Bug() => new KernelBug("I03: a free frame is mapped");
}
