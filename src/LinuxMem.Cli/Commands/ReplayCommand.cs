using System.CommandLine;
using System.CommandLine.Parsing;
using LinuxMem.Cli.Seams;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem replay: simulates what a real program did, from its log.</summary>
internal static class ReplayCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new ExampledCommand(
            "replay",
            "Run the memory accesses and system calls of a real program, as valgrind's lackey logged them. Every line "
                + "is accounted for: accesses + calls + notes + rejected = lines.",
            "LOG... [options]",
            [
                ("valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes --log-file=ls.%p.%n.log ls",
                    "Makes a log."),
                ("linuxmem replay ls.*.log", "Replays it, with all processes of the program."),
                ("xzcat ls.log.xz | linuxmem replay - --json", "From the standard input, for programs."),
            ]);
        var logs = new Argument<string[]>("LOG")
        {
            Description = "Log files of one program, plain or compressed; - is the standard input.",
            Arity = ArgumentArity.OneOrMore,
        };
        logs.Validators.Add(result => Check(result, command));
        var strict = new Option<bool>("--strict")
        {
            Description = "Take the first line that is none for bad input (exit code 2).",
        };
        var options = new RunOptions();
        command.Add(logs);
        command.Add(strict);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            RunRequest request = options.Read(parsed);
            string[] paths = parsed.GetRequiredValue(logs);
            bool isStrict = parsed.GetValue(strict);
            return new RunSession(context, request).Run(
                () =>
                {
                    if (paths.Contains("-") && context.Services.InputIsTerminal)
                        context.Complain("reading the log from the terminal; Ctrl-D ends it");
                    ReplayInput input = context.Services.Replays.Open(paths, isStrict, request.Sets);
                    return (input.Scenario, input.Totals);
                },
                isStrict);
        });
        return command;
    }

    private static void Check(ArgumentResult result, Command command)
    {
        int standardInputs = 0;
        foreach (Token token in result.Tokens)
        {
            if (token.Value == "-")
                standardInputs++;
            else if (token.Value.StartsWith('-'))
                result.AddError(LinuxMemCommand.Unknown(token.Value, command));
        }

        if (standardInputs > 1)
            result.AddError("the standard input (-) can be read only once");
    }
}
