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
                + "nothing else to do.",
            "[options]",
            [
                ("linuxmem calibrate --out host.costs", "Keeps the settings in a file."),
                ("linuxmem run --costs host.costs", "Runs the built-in scenario with them."),
            ]);
        var output = new Option<string?>("--out")
        {
            Description = "Write this file instead of printing the settings; it must not exist.",
            HelpName = "FILE",
        };
        command.Add(output);
        command.SetAction(parsed => context.Guard(() =>
        {
            string? file = parsed.GetValue(output);
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
