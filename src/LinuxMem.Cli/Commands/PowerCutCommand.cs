using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Reboots;
using Microsoft.Extensions.Logging;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem power-cut: cuts the power after every write of a disk.</summary>
internal static class PowerCutCommand
{
    private const int ListedMax = 20;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "power-cut",
            "Cut the power after every write of a disk, with the writes under way torn, and check that what fsync, "
                + "msync or sync promised is there. Exit code 4 if it is not.",
            "[SCENARIO] [options]",
            [
                ("linuxmem power-cut my.json", "Every cut of one run."),
                ("linuxmem power-cut file-copy --set machine.contents=bytes --reboot",
                    "A machine is started again after each cut."),
                ("linuxmem power-cut my.json --fault dm-flakey=1,10,0,-1,mode=drop_writes",
                    "With a disk that drops every tenth write and says it is done."),
            ]);
        var scenario = new Argument<string?>("SCENARIO")
        {
            Description = "A JSON file, or a name that 'linuxmem scenarios' lists; without it, 'showcase'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        scenario.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(result.Tokens[0].Value, command));
        });
        Option<ulong?> seed = OptionValues.Number("--seed", "Seed of every random choice.", 0, ulong.MaxValue);
        Option<string[]> sets = OptionValues.Settings();
        var faults = new FaultOptions();
        var reboot = new Option<bool>("--reboot")
        {
            Description = "After each cut (2,000 at most) start a machine from the disk as it was, with writes that "
                + "were under way done in part, and have it read every file.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(scenario);
        foreach (Option option in (Option[])[seed, sets, reboot, json])
            command.Add(option);
        faults.AddTo(command);
        command.SetAction(parsed => context.Guard(() =>
        {
            Scenario one = context.Services.Scenarios.Read(parsed.GetValue(scenario), parsed.GetValue(sets) ?? []);
            one = one with
            {
                Seed = parsed.GetValue(seed) ?? one.Seed,
                Faults = faults.Read(parsed).Apply(one.Faults) with
                {
                    CutsPower = true,
                    KeepsMedium = parsed.GetValue(reboot),
                },
            };
            return Run(context, one, parsed.GetValue(json));
        }));
        return command;
    }

    private static int Run(CommandContext context, Scenario scenario, bool json)
    {
        using ILoggerFactory loggers = Loggers.Create(Loggers.DefaultLevel);
        RunResult result = context.Services.Simulator.Run(scenario, null, loggers, context.Services.Cancel);
        PowerCutResult cut = result.PowerCut!;
        RebootResult? reboots = cut.Medium is { } medium
            ? new RebootSweep(scenario, one => context.Services.Simulator.Run(
                one, null, loggers, context.Services.Cancel)).Run(medium) : null;
        string[] violations = [.. cut.Violations, .. reboots?.Violations ?? []];
        if (json)
            PowerCutReport.WriteJson(context.Output, result, cut, TotalsOf(reboots));
        else
            PowerCutReport.Write(context.Output, result, cut, TotalsOf(reboots));
        context.Output.Flush();
        foreach (string violation in violations.Take(ListedMax))
            context.Complain("invariant violated: " + violation);
        if (violations.Length == 0)
            return ExitCode.Done;
        context.Error.WriteLine("To see it again: " + SafeText.Clean(context.CommandLine));
        return ExitCode.InvariantViolated;
    }

    private static RebootTotals? TotalsOf(RebootResult? reboots) => reboots is null ? null : new RebootTotals(
        reboots.Reboots, reboots.FilesRead, reboots.PromisesKept, reboots.Violations.Count);
}
