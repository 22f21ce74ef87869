using System.CommandLine;
using System.CommandLine.Parsing;
using LinuxMem.Cli.Hosting;
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
            "Run what a real program did, as valgrind's lackey or strace logged it. Every line is accounted for. With "
                + "--check, the answers of the simulated kernel are compared with those in a log of strace.",
            "LOG... [options]",
            [
                ("valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes --log-file=ls.%p.%n.log ls",
                    "Makes a log."),
                ("linuxmem replay ls.*.log", "Replays it, with all processes of the program."),
                ("linuxmem replay ls.*.log --layout=linux", "Predicts faults and mappings without valgrind."),
                ("setarch -R strace -f -o ls.strace ls", "Makes a log of answers."),
                ("linuxmem replay ls.strace --check=calls --keep-going", "Compares them."),
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
        Option<string?> check = OptionValues.Word("--check", "calls|all", "Logs of strace: compare results, errors, "
            + "addresses, signals and exits; all: also contents, fault counts and texts of /proc.", "calls", "all");
        var keepGoing = new Option<bool>("--keep-going")
        {
            Description = "After a different answer, go on with the logged one.",
        };
        var layouts = new Option<string?>("--layouts")
        {
            Description = "Memory maps of executables after execve: '# PATH', then lines of /proc/PID/maps.",
            HelpName = "FILE",
        };
        var layout = new LayoutOptions();
        var options = new RunOptions();
        command.Add(logs);
        layout.AddTo(command);
        command.Add(strict);
        command.Add(check);
        command.Add(keepGoing);
        command.Add(layouts);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            RunRequest request = options.Read(parsed);
            string[] paths = parsed.GetRequiredValue(logs);
            bool isStrict = parsed.GetValue(strict);
            return new RunSession(context, request, OutputDirectory.Check).Run(
                () =>
                {
                    if (paths.Contains("-") && context.Services.InputIsTerminal)
                        context.Complain("reading the log from the terminal; Ctrl-D ends it");
                    ReplayInput input = context.Services.Replays.Open(
                        layout.Apply(parsed, new ReplayRequest(paths, isStrict, request.Sets)
                        {
                            Check = parsed.GetValue(check),
                            KeepGoing = parsed.GetValue(keepGoing),
                            Layouts = parsed.GetValue(layouts),
                        }));
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
