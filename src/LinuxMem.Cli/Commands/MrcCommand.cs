using System.CommandLine;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem mrc: the miss ratio curve of a log.</summary>
internal static class MrcCommand
{
    private const int MostRejected = 20;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "mrc",
            "Print which share of a log's references would miss in memories of several sizes, for replacement "
                + "policies. lru is found in one pass for all sizes.",
            "LOG [options]",
            [
                ("linuxmem mrc ls.log", "LRU, at powers of 2, of a log of valgrind's lackey (--trace-mem=yes)."),
                ("linuxmem mrc ls.log --policies lru,clock,two-list,opt --frames 8,16,32,64", "Policies side by side."),
                ("echo 1 2 3 4 1 2 5 1 2 3 4 5 | linuxmem mrc - --policies fifo --frames 3,4",
                    "Numbers of pages: Belady's anomaly."),
            ]);
        var log = new Argument<string>("LOG")
        {
            Description = "A log of valgrind's lackey, in pages of 4 KiB, or a text of page numbers; - is stdin.",
        };
        log.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is ['-', _, ..] word)
                result.AddError(LinuxMemCommand.Unknown(word, command));
        });
        Option<IReadOnlyList<string>> policies = ListValues.Policies(
            ReplacementNames.All, new Dictionary<string, string>(), ["lru"]);
        Option<IReadOnlyList<int>> frames = ListValues.Frames();
        Option<ulong?> seed = OptionValues.Number(
            "--seed", "Seed of what policies draw; if not given, 1.", 0, ulong.MaxValue);
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(log);
        command.Add(policies);
        command.Add(frames);
        command.Add(seed);
        command.Add(json);
        command.SetAction(parsed => context.Guard(() =>
        {
            var request = new MissRequest(parsed.GetRequiredValue(log), parsed.GetRequiredValue(policies),
                parsed.GetRequiredValue(frames), parsed.GetValue(seed) ?? 1);
            MissStudy study = context.Services.MissStudies.Run(request, context.Services.Cancel);
            if (parsed.GetValue(json))
                MissRatioReport.WriteJson(context.Output, study.Curve);
            else
                MissRatioReport.WriteText(context.Output, study.Curve);
            foreach (string message in study.RejectedMessages.Take(MostRejected))
                context.Error.WriteLine(SafeText.Clean(message, 300));
            if (study.Rejected > 0)
                context.Complain($"{Units.Exact(study.Rejected)} lines of the log were rejected");
            return ExitCode.Done;
        }));
        return command;
    }
}
