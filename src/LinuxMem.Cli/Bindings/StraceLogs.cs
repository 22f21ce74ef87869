using System.Text;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Strace;

namespace LinuxMem.Cli.Bindings;

/// <summary>
/// Replays of logs of strace. The machine is one CPU with the RAM of the machine that made the reference logs, unless
/// settings say otherwise.
/// </summary>
internal static class StraceLogs
{
    private static readonly byte[] Defaults = Encoding.UTF8.GetBytes(
        """
        {
          "name": "replay",
          "machine": { "cpus": 1, "memory": 25276502016, "contents": "none" },
          "processes": [ { "name": "replay", "steps": [ { "exit": 0 } ] } ]
        }
        """);

    /// <summary>Reads a log.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="log">The log, from its first byte; it is closed.</param>
    /// <param name="name">What it is called in messages.</param>
    public static ReplayInput Open(ReplayRequest request, Stream log, string name)
    {
        CheckLevel level = request.Check switch
        {
            "calls" => CheckLevel.Calls,
            "all" => CheckLevel.All,
            _ => CheckLevel.None,
        };
        Scenario settings = ReplaySettings.Read(Defaults, request.Sets);
        using Stream stream = log;
        StraceReplay replay = StraceReplay.Read(stream, name, new StraceOptions
        {
            Strict = request.Strict,
            Check = level,
            KeepGoing = request.KeepGoing,
            LayoutsPath = request.Layouts,
        });
        Scenario scenario = replay.Scenario with
        {
            Machine = replay.Adapt(settings.Machine),
            Engine = settings.Engine with { MaxVirtualNs = replay.Scenario.Engine.MaxVirtualNs },
            Seed = settings.Seed,
        };
        return new ReplayInput { Scenario = scenario, Totals = result => Finish(replay, result, request.Check) };
    }

    private static ReplayTotals Finish(StraceReplay replay, RunResult result, string? level)
    {
        CheckReport report = replay.Finish(result);
        StraceTotals totals = replay.Totals;
        return new ReplayTotals
        {
            Lines = totals.Lines,
            Accesses = 0,
            Calls = totals.Calls,
            Continued = totals.Continued,
            Signals = totals.Signals,
            Exits = totals.Exits,
            Notes = totals.Notes,
            Rejected = totals.Rejected,
            RejectedMessages = totals.RejectedMessages,
            Warnings = totals.Warnings,
            Check = new CheckTotals
            {
                Level = level ?? "off",
                Checked = report.Checked,
                Matched = report.Matched,
                Mismatched = report.Mismatched,
                Ambiguous = report.Ambiguous,
                Skipped = [.. report.Skipped],
                NotJudged = [.. report.NotJudged],
                Unsupported = [.. report.Unsupported],
                Mismatches = [.. report.Mismatches.Select(m =>
                    new CheckMismatch(m.Line, m.Call, m.Expected, m.Actual, m.Before, m.After))],
            },
        };
    }
}
