using System.CommandLine;
using System.Text;
using LinuxMem.Cli.Calibration;
using LinuxMem.Cli.Hosting;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem calibrate: measures what this host's kernel takes, for the machine's costs.</summary>
internal static class CalibrateCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "calibrate",
            "Measure what this host's kernel takes for faults, calls, forks and interrupts, with a small C program "
                + "that is compiled here, and print it as settings for --costs. It takes a minute, and a host that has "
                + "nothing else to do. With --compare, run tests of will-it-scale there, too, with one and two "
                + "tasks, and here with what was measured, and put them side by side.",
            "[options]",
            [
                ("linuxmem calibrate --out host.costs", "Keeps the settings in a file."),
                ("linuxmem run --costs host.costs", "Runs the built-in scenario with them."),
                ("linuxmem calibrate --compare", "How far threads beside processes are from the host's."),
            ]);
        var output = new Option<string?>("--out")
        {
            Description = "Write this file instead of printing the settings; it must not exist.",
            HelpName = "FILE",
        };
        var compare = new Option<bool>("--compare")
        {
            Description = "Compare page_fault1 to 3, mmap1 and brk1 with the host; exit code 1 if one is more than 25% "
                + "off. What a busy host spoils is skipped.",
        };
        var json = new Option<bool>("--json") { Description = "With --compare: print the result as JSON." };
        command.Add(output);
        command.Add(compare);
        command.Add(json);
        command.SetAction(parsed => context.Guard(() =>
        {
            string? file = parsed.GetValue(output);
            if (parsed.GetValue(json) && !parsed.GetValue(compare))
                throw new ConfigurationException("--json: it takes --compare");
            if (parsed.GetValue(compare))
            {
                if (file is not null)
                    throw new ConfigurationException("--out: not with --compare");
                return HostCompare.Run(context, parsed.GetValue(json));
            }

            if (file is not null && (file.Length == 0 || Path.Exists(file)))
                throw new ConfigurationException($"--out {file}: this exists");
            var costs = new HostCosts(context.Services.MeasureHost(context.Services.Cancel));
            if (file is null)
                costs.Write(context.Output);
            else
                WriteFile(file, costs);
            return ExitCode.Done;
        }));
        return command;
    }

    /// <summary>The option that takes such a file.</summary>
    public static Option<string?> CostsOption() => new("--costs")
    {
        Description = "Settings of the machine from a file, one key=value a line, as 'calibrate' writes it; --set "
            + "comes after it.",
        HelpName = "FILE",
    };

    /// <summary>The settings of that file, and after them those of --set.</summary>
    public static IReadOnlyList<string> Sets(string? costs, IReadOnlyList<string> sets) =>
        costs is null ? sets : [.. CostsFile.Read(costs), .. sets];

    private static void WriteFile(string path, HostCosts costs)
    {
        string unfinished = $"{path}.tmp-{Environment.ProcessId}";
        using (var text = new StreamWriter(unfinished, false, new UTF8Encoding(false)))
            costs.Write(text);
        File.Move(unfinished, path);
    }
}
