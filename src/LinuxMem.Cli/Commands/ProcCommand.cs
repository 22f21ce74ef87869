using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem proc: writes the /proc of a simulated machine down, for the tools of Linux.</summary>
internal static class ProcCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "proc",
            "Simulate a scenario up to a moment and write its /proc and /sys as directories of files.",
            "[SCENARIO] --at TIME --out DIR [options]",
            [
                ("linuxmem proc --at 1.5ms --out m", "Writes m/proc and m/sys."),
                ("smem -S m", "Who has how much memory."),
                ("unshare -Urm sh -c 'mount --bind m/proc /proc; free; vmstat -s'", "Tools that only know /proc."),
                ("unshare -Urmpf sh -c 'mount --bind m/proc /proc; exec ps -e -o pid,rss,vsz,comm'",
                    "Tools that look for themselves there."),
            ]);
        Argument<string?> scenario = ScenarioArgument.Of(command);
        Option<ulong?> seed = OptionValues.Number(
            "--seed", "Seed of every random choice; without it, the scenario's own.", 0, ulong.MaxValue);
        Option<long> at = At();
        var options = new RunOptions("Make this directory, with proc and sys in it.", outIsRequired: true);
        command.Add(scenario);
        command.Add(at);
        command.Add(seed);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            RunRequest request = options.Read(parsed) with { Seed = parsed.GetValue(seed) };
            long atNs = parsed.GetValue(at);
            return new RunSession(context, request, ProcDirectory.Check).Run(
                () => (Until(context.Services.Scenarios.Read(parsed.GetValue(scenario), request.Sets), atNs), null),
                strict: false);
        });
        return command;
    }

    private static Scenario Until(Scenario scenario, long atNs) =>
        scenario with { EndNs = atNs, Engine = scenario.Engine with { ProcAtNs = [atNs] } };

    private static Option<long> At() => new("--at")
    {
        Description = "The moment, in virtual time, such as 1.5ms. The run ends there.",
        HelpName = "TIME",
        Required = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!TimeText.TryParse(text, out long ns, out string reason))
                result.AddError($"--at: '{SafeText.Clean(text, 80)}' {reason}; expected a time such as 1.5ms");
            return ns;
        },
    };
}
