using System.Globalization;
using System.Text;
using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Strace;
using LinuxMem.Workloads.Strace.Layouts;
using Microsoft.Extensions.Logging.Abstractions;

namespace LinuxMem.Cli.Bindings;

/// <summary>
/// Replays of logs of strace. The machine is one CPU with the RAM of the machine that made the reference logs, unless
/// settings say otherwise.
/// </summary>
internal static class StraceLogs
{
    private const string NoZeroPage = "the machine of the log seems to have no zero page: fewer answers differ without "
        + "(--set machine.zeroPage=true compares with the usual machine)";

    private const string ZeroPageKey = "machine.zeroPage=";

    /// <summary>Reads a log.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="log">The log, from its first byte; it is closed.</param>
    /// <param name="name">What it is called in messages.</param>
    public static ReplayInput Open(ReplayRequest request, Stream log, string name)
    {
        ReplaySettings.Read(Defaults(new VmSettings()), request.Sets);
        var options = new StraceOptions
        {
            Strict = request.Strict,
            Check = request.Check switch
            {
                "calls" => CheckLevel.Calls,
                "all" => CheckLevel.All,
                _ => CheckLevel.None,
            },
            KeepGoing = request.KeepGoing,
            LayoutsPath = request.Layouts,
        };
        using Stream stream = log;
        StraceReplay replay = StraceReplay.Read(stream, name, options);
        bool isGiven = request.Sets.Any(set => set.StartsWith(ZeroPageKey, StringComparison.Ordinal));
        bool zeroPage = options.Check != CheckLevel.All || isGiven
            || ZeroPageGuess.Make(value => Compare(replay, request, options with { ZeroPage = value }));
        replay = replay.Again(options with { ZeroPage = zeroPage });
        return new ReplayInput
        {
            Scenario = ScenarioOf(replay, request),
            Totals = result => Finish(replay, result, request.Check, zeroPage),
        };
    }

    // To the end of the log, whatever differs.
    private static CheckReport Compare(StraceReplay replay, ReplayRequest request, StraceOptions options)
    {
        StraceReplay again = replay.Again(options with { KeepGoing = true });
        Scenario scenario = ScenarioOf(again, request);
        scenario = scenario with { Engine = scenario.Engine with { Audit = AuditLevel.Off } };
        return again.Finish(MachineRun.Execute(scenario, NullLoggerFactory.Instance));
    }

    private static Scenario ScenarioOf(StraceReplay replay, ReplayRequest request)
    {
        Scenario settings = ReplaySettings.Read(Defaults(replay.Scenario.Machine.Vm), request.Sets);
        return replay.Scenario with
        {
            Machine = replay.Adapt(settings.Machine),
            Engine = settings.Engine with { MaxVirtualNs = replay.Scenario.Engine.MaxVirtualNs },
            Seed = settings.Seed,
        };
    }

    // What the log tells of its machine holds unless a setting says otherwise.
    private static byte[] Defaults(VmSettings vm) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {
          "name": "replay",
          "machine": { "cpus": 1, "memory": 25276502016, "contents": "none", "readAheadKb": {{vm.ReadAheadKb}},
            "nrHugePages": {{vm.NrHugePages}}, "zeroPage": {{(vm.ZeroPage ? "true" : "false")}} },
          "processes": [ { "name": "replay", "steps": [ { "exit": 0 } ] } ]
        }
        """));

    private static ReplayTotals Finish(StraceReplay replay, RunResult result, string? level, bool zeroPage)
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
            Warnings = zeroPage ? totals.Warnings : [.. totals.Warnings, NoZeroPage],
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
