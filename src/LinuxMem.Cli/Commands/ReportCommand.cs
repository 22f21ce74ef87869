using System.CommandLine;
using System.Text.Json;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Html;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem report: makes a page of a result that was kept.</summary>
internal static class ReportCommand
{
    private const long MostBytes = 256 << 20;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "report",
            "Make one HTML file of a result: summary, charts, tables. It needs nothing else, and runs no script.",
            "RESULT --out FILE",
            [
                ("linuxmem run --json > r.json", "A result."),
                ("linuxmem report r.json --out r.html", "Its page."),
                ("linuxmem run --report r.html", "The page at once, with memory and faults over time."),
            ]);
        var input = new Argument<string>("RESULT")
        {
            Description = "What 'run --json' printed, or result.json of --out.",
        };
        var output = new Option<string>("--out")
        {
            Description = "The file to write.",
            HelpName = "FILE",
            Required = true,
        };
        command.Add(input);
        command.Add(output);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(input)!;
            using JsonDocument result = Read(path);
            using var file = ResultFile.Begin("--out", parsed.GetValue(output)!);
            try
            {
                HtmlReport.Write(file.Stream, result.RootElement, null);
            }
            catch (InvalidDataException e)
            {
                throw new ConfigurationException($"{path}: {e.Message}");
            }

            file.Complete();
            return ExitCode.Done;
        });
        return command;
    }

    private static JsonDocument Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MostBytes)
            throw new ConfigurationException($"{path}: {stream.Length} bytes are too many for a result");
        try
        {
            return JsonDocument.Parse(stream);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(
                $"{path}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}: this is not JSON");
        }
    }
}
