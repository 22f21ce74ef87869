using System.CommandLine;
using System.CommandLine.Parsing;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem diff: runs a program here and compares the answers of Linux with the simulated ones.</summary>
internal static class DiffCommand
{
    private const string EndOfOptions = "--";

    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "diff",
            "Run a program of this host under strace, replay its log and compare every answer of the two kernels. "
                + "What the program prints goes to stderr.",
            "[options] -- PROGRAM [ARGS...]",
            [
                ("linuxmem diff -- ls -l", "0: every answer is the same; 1: some differ, and are listed."),
                ("linuxmem diff --check all --json -- sh -c 'ls | wc'", "Contents and counters too; for programs."),
            ]);
        var program = new Argument<string[]>("PROGRAM")
        {
            Description = "The program, by path or by name, and its arguments.",
            Arity = ArgumentArity.OneOrMore,
        };
        program.Validators.Add(result => CheckDashes(result, context.Args, command));
        Option<string?> check = OptionValues.Word("--check", "calls|all", "Compare results, errors, addresses, signals "
            + "and exits (calls; if not given); all: also contents, fault counts and texts of /proc.", "calls", "all");
        var options = new RunOptions();
        command.Add(program);
        command.Add(check);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            RunRequest request = options.Read(parsed);
            string[] words = parsed.GetRequiredValue(program);
            string level = parsed.GetValue(check) ?? "calls";
            using var folder = new RecordingFolder(context.Services.TempDirectory);
            return new RunSession(context, request, OutputDirectory.Check).Run(
                () =>
                {
                    Record(context, words, folder.Log);
                    ReplayInput input = context.Services.Replays.Open(
                        new ReplayRequest([folder.Log], Strict: false, request.Sets)
                        {
                            Check = level,
                            KeepGoing = true,
                        });
                    return (input.Scenario, input.Totals);
                },
                strict: false);
        });
        return command;
    }

    private static void Record(CommandContext context, string[] words, string log)
    {
        int code = context.Services.Recorder.Record(words, log, context.Services.Cancel);
        if (code != 0)
            context.Complain($"the program ended with exit code {code}; what it did until then is compared");
    }

    // Before "--", what begins with a dash is meant for this command.
    private static void CheckDashes(ArgumentResult result, IReadOnlyList<string> args, Command command)
    {
        int end = 0;
        while (end < args.Count && args[end] != EndOfOptions)
            end++;
        int after = Math.Max(0, args.Count - end - 1);
        for (int i = 0; i < result.Tokens.Count - after; i++)
        {
            string word = result.Tokens[i].Value;
            if (word.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(word, command) + " (what is the program's goes after --)");
        }
    }
}
