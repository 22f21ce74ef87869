using System.CommandLine;
using System.Globalization;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Scale;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem scale: a test of will-it-scale on machines with more and more CPUs.</summary>
internal static class ScaleCommand
{
    private const int CpusMax = 512;
    private const ulong WindowMaxUs = 10_000_000;
    private static readonly int[] UsualCpus = [1, 2, 4, 8, 16, 32];

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        IReadOnlyList<(string Name, string Description)> tests = context.Services.Scale.Tests;
        var command = new ExampledCommand(
            "scale",
            "Run a test of will-it-scale with as many copies as CPUs, and print operations per second of virtual time, "
                + "how well they scale, and which lock limits them. Tests: "
                + string.Join(", ", tests.Select(test => test.Name)) + ".",
            "TEST [options]",
            [
                ("linuxmem scale page_fault1 --cpus 1,2,4..128 --mode threads --locks mmap_lock,per-vma",
                    "What locks of VMAs changed; 4..128 doubles from 4 to 128."),
                ("linuxmem scale mmap1 --mode both --out mmap1", "With a picture, a page and a table in files."),
                ("linuxmem scale tlb_flush1 --set machine.costs.ipiNs=10000", "On a virtual machine's interrupts."),
            ]);
        var test = new Argument<string>("TEST") { Description = "The test's name." };
        test.Validators.Add(result =>
        {
            string? word = result.Tokens.Count == 1 ? result.Tokens[0].Value : null;
            if (word is ['-', _, ..])
                result.AddError(LinuxMemCommand.Unknown(word, command));
            else if (word is not null && !tests.Any(known => known.Name == word))
                result.AddError(NoTest(word, tests));
        });
        Option<IReadOnlyList<int>> cpus = Cpus();
        Option<string?> mode = OptionValues.Word("--mode", "processes|threads|both",
            "Copies as processes, or as threads of one; if not given, both.", "processes", "threads", "both");
        Option<string[]> locks = Locks();
        Option<ulong?> window = OptionValues.Number("--window", "For how long operations are counted, in microseconds "
            + "of virtual time; if not given, 10000.", 100, WindowMaxUs);
        Option<ulong?> threads = OptionValues.Number("--threads",
            "Worker threads; if not given, 1. They change the speed and nothing else.", 1, 64);
        Option<string[]> sets = OptionValues.Settings();
        Option<string?> costs = CalibrateCommand.CostsOption();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var output = new Option<string?>("--out")
        {
            Description = "Make this directory, with scale.csv, scale.svg and scale.html.",
            HelpName = "DIR",
        };
        command.Add(test);
        foreach (Option option in (Option[])[cpus, mode, locks, window, threads, costs, sets, json, output])
            command.Add(option);
        command.SetAction(parsed => context.Guard(() =>
        {
            string[] modes = parsed.GetValue(mode) is { } one and not "both" ? [one] : ["processes", "threads"];
            var request = new ScaleRequest(parsed.GetRequiredValue(test), parsed.GetRequiredValue(cpus), modes,
                parsed.GetRequiredValue(locks), (long)(parsed.GetValue(window) ?? 10_000) * 1000,
                (int)(parsed.GetValue(threads) ?? 1),
                CalibrateCommand.Sets(parsed.GetValue(costs), parsed.GetValue(sets) ?? []));
            return Run(context, request, parsed.GetValue(json), parsed.GetValue(output));
        }));
        return command;
    }

    private static int Run(CommandContext context, ScaleRequest request, bool json, string? output)
    {
        PlotDirectory? directory = output is null ? null : PlotDirectory.Check(output);
        bool tells = context.Services.ErrorIsTerminal;
        ScaleCurve curve = context.Services.Scale.Run(
            request, point => { if (tells) context.Error.WriteLine(point); }, context.Services.Cancel);
        directory?.Write(
            ("scale.csv", text => ScaleReport.WriteCsv(text, curve)),
            ("scale.svg", text => SvgPlot.Write(text, curve)),
            ("scale.html", text => SvgPlot.WriteHtml(text, curve)));
        if (json)
            ScaleReport.WriteJson(context.Output, curve);
        else
            ScaleReport.WriteText(context.Output, curve);
        return ExitCode.Done;
    }

    private static string NoTest(string word, IReadOnlyList<(string Name, string Description)> tests)
    {
        string? nearest = NearestWord.Of(word, tests.Select(known => known.Name));
        return $"TEST: '{SafeText.Clean(word, 80)}' is not a test"
            + (nearest is null ? "" : $"; did you mean '{nearest}'?");
    }

    private static Option<IReadOnlyList<int>> Cpus() => new("--cpus")
    {
        Description = "Numbers of CPUs, such as 1,2,4..128, where 4..128 doubles; 1 is always there. If not given, "
            + "1,2,4..32.",
        HelpName = "N,N..M",
        DefaultValueFactory = _ => UsualCpus,
        CustomParser = result =>
        {
            var numbers = new SortedSet<int> { 1 };
            foreach (string word in result.Tokens[0].Value.Split(','))
            {
                if (Add(word, numbers))
                    continue;
                result.AddError($"--cpus: '{SafeText.Clean(word, 80)}' is neither a number from 1 to 512 nor two with "
                    + ".. between");
                break;
            }

            return [.. numbers];
        },
    };

    private static bool Add(string word, SortedSet<int> numbers)
    {
        string[] ends = word.Split("..");
        if (ends.Length > 2 || !Number(ends[0], out int first) || !Number(ends[^1], out int last) || first > last)
            return false;
        for (int cpus = first; cpus < last; cpus *= 2)
            numbers.Add(cpus);
        numbers.Add(last);
        return true;

        static bool Number(string text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
                && number is > 0 and <= CpusMax;
    }

    private static Option<string[]> Locks() => new("--locks")
    {
        Description = "What page faults of threads lock: per-vma (since Linux 6.4), mmap_lock, or both with a comma; "
            + "if not given, per-vma.",
        HelpName = "A,B",
        DefaultValueFactory = _ => ["per-vma"],
        CustomParser = result =>
        {
            string[] words = result.Tokens[0].Value.Split(',');
            if (words.Any(word => word is not ("per-vma" or "mmap_lock")) || words.Distinct().Count() < words.Length)
            {
                result.AddError($"--locks: '{SafeText.Clean(result.Tokens[0].Value, 80)}' is not per-vma, mmap_lock, "
                    + "or both");
            }

            return words;
        },
    };
}
