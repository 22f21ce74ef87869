using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Sharing;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem sharing: who shares which frames with whom at a moment, and what it saves.</summary>
internal static class SharingCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "sharing",
            "Simulate a scenario up to a moment and tell who shares which frames with whom, and what it saves.",
            "[SCENARIO] [--at TIME] [options]",
            [
                ("linuxmem sharing cow-storm --at 20ms", "PSS, pairs of processes, sets of sharers, files."),
                ("linuxmem sharing prefork", "At the moment at which sharing saves most: runs twice."),
                ("linuxmem sharing --at 2ms --json | jq .savedPages", "For programs."),
            ]);
        Argument<string?> scenario = ScenarioArgument.Of(command);
        Option<ulong?> seed = OptionValues.Number(
            "--seed", "Seed of every random choice; without it, the scenario's own.", 0, ulong.MaxValue);
        Option<ulong?> threads = OptionValues.Number(
            "--threads", "Worker threads. They change the speed and nothing else.", 1, 64);
        Option<long?> at = OptionValues.Time(
            "--at", "The moment, in virtual time, such as 1.5ms; without it, the one at which most is shared.");
        Option<string[]> sets = OptionValues.Settings();
        var json = new Option<bool>("--json") { Description = "Print it as JSON, as 'sharing' of 'schema --result'." };
        var all = new Option<bool>("--all") { Description = "Print long tables whole." };
        command.Add(scenario);
        foreach (Option option in new Option[] { at, seed, threads, sets, json, all })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var request = new RunRequest
            {
                Seed = parsed.GetValue(seed),
                Threads = (int?)parsed.GetValue(threads),
                Sets = parsed.GetValue(sets) ?? [],
                Progress = "off",
                LogLevel = Loggers.DefaultLevel,
            };
            Scenario read = context.Services.Scenarios.Read(parsed.GetValue(scenario), request.Sets);
            SharingResult sharing = At(context, request.Apply(read), parsed.GetValue(at));
            Print(context, sharing, parsed.GetValue(json), parsed.GetValue(all));
            return ExitCode.Done;
        });
        return command;
    }

    // What the first run tells of the moment is true of the second: both are the same run.
    private static SharingResult At(CommandContext context, Scenario scenario, long? atNs)
    {
        atNs ??= Run(context, scenario).CopyOnWrite.PeakNs + 1;
        return Run(context, scenario with { EndNs = atNs });
    }

    private static SharingResult Run(CommandContext context, Scenario scenario)
    {
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        return context.Services.Simulator.Run(scenario, null, loggers, context.Services.Cancel).Sharing;
    }

    private static void Print(CommandContext context, SharingResult sharing, bool json, bool all)
    {
        if (!json)
        {
            SharingReport.Write(context.Output, sharing, all);
            return;
        }

        using var stream = new MemoryStream();
        SharingReport.WriteJson(stream, sharing);
        stream.Position = 0;
        context.Output.Write(new StreamReader(stream).ReadToEnd());
    }
}
