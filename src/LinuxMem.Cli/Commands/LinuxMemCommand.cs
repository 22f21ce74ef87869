using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Cli.Commands;

/// <summary>
/// The command line: parses, dispatches, and answers mistakes with a message, the usage line and exit code 2.
/// </summary>
internal static class LinuxMemCommand
{
    // More words than this are a mistake for any command but replay, which takes files, and diff, which takes a
    // program; the library needs a time quadratic in the words that it cannot place (5 seconds for 20,000).
    private const int MostWords = 1000;
    private const string RootUsage = "Usage: linuxmem COMMAND [options]";

    private static readonly (string, string)[] RootExamples =
    [
        ("linuxmem run", "Simulate the built-in machine that shows everything."),
        ("linuxmem run --seed 7 --threads 2 --json", "The same for programs, with another seed, on two threads."),
        ("linuxmem replay ls.*.log", "Run the memory accesses of a real program, logged by valgrind."),
        ("linuxmem diff -- ls -l", "Compare the answers of Linux and of the simulator to a program."),
        ("linuxmem run --help", "All options of a command."),
    ];

    /// <summary>Carries out a command line.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="output">Gets the result and nothing else.</param>
    /// <param name="error">Gets messages and progress.</param>
    /// <param name="services">What the commands work with.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Invoke(IReadOnlyList<string> args, TextWriter output, TextWriter error, CommandServices services)
    {
        var context = new CommandContext(args, output, error, services);
        return context.Guard(() =>
        {
            if (args.Count > MostWords && args[0] is not ("replay" or "diff"))
            {
                context.Complain($"{args.Count} arguments are too many");
                context.Error.WriteLine(RootUsage);
                return ExitCode.BadInput;
            }

            // No response files: an argument that begins with @ is an argument.
            var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
            ParseResult parsed = Build(context).Parse(args, parser);
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
                return Refuse(context, parsed);
            return parsed.Invoke(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        });
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Build(CommandContext context)
    {
        var root = new RootCommand("Simulates the memory management of Linux: processes, CPUs, page tables, faults.")
        {
            HelpName = "linuxmem",
        };
        root.Add(RunCommand.Build(context));
        root.Add(ReplayCommand.Build(context));
        root.Add(DiffCommand.Build(context));
        root.Add(MrcCommand.Build(context));
        root.Add(CompareCommand.Build(context));
        root.Add(ScaleCommand.Build(context));
        root.Add(CalibrateCommand.Build(context));
        root.Add(ProcCommand.Build(context));
        root.Add(FaultsCommand.Build(context));
        root.Add(ExploreCommand.Build(context));
        root.Add(ExhaustCommand.Build(context));
        root.Add(SharingCommand.Build(context));
        root.Add(ReportCommand.Build(context));
        root.Add(FailNthCommand.Build(context));
        root.Add(PowerCutCommand.Build(context));
        root.Add(ShrinkCommand.Build(context));
        root.Add(MutantsCommand.Build(context));
        root.Add(InfoCommands.BuildScenarios(context));
        root.Add(InfoCommands.BuildSchema(context));
        foreach (Option option in root.Options)
        {
            if (option is HelpOption help)
                help.Action = new HelpWithExamples(RootExamples);
            else if (option is VersionOption version)
                version.Action = new VersionAction();
        }

        return root;
    }

    private static int Refuse(CommandContext context, ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        var messages = new List<string>();
        // The library takes an unknown option for an argument, and then has no place for the argument itself.
        IReadOnlyList<string> unknown = OptionsTakenForArguments(parsed);
        if (unknown.Count == 0)
            unknown = parsed.UnmatchedTokens;
        foreach (string token in unknown)
            messages.Add(Unknown(token, command));
        foreach (ParseError error in parsed.Errors)
        {
            // Errors of a command repeat the unmatched tokens; those of options and arguments say something new.
            if (unknown.Count == 0 || error.SymbolResult is not CommandResult)
                messages.Add(error.Message);
        }

        foreach (string message in messages.Distinct(StringComparer.Ordinal).Take(20))
            context.Complain(message);
        context.Error.WriteLine(command is ExampledCommand exampled ? exampled.Usage : RootUsage);
        context.Error.WriteLine($"'linuxmem {(command is RootCommand ? "" : command.Name + " ")}--help' explains.");
        return ExitCode.BadInput;
    }

    private static IReadOnlyList<string> OptionsTakenForArguments(ParseResult parsed) =>
        parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash) ? []
            : [.. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Where(value => value.Length > 1 && value[0] == '-')];

    /// <summary>What to say about a word that means nothing to a command.</summary>
    public static string Unknown(string token, Command command)
    {
        bool isOption = token.StartsWith('-') && token.Length > 1;
        string? nearest = NearestWord.Of(token, isOption
            ? command.Options.Select(option => option.Name)
            : command.Subcommands.Select(sub => sub.Name));
        string kind = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return $"unknown {kind} '{SafeText.Clean(token, 80)}'"
            + (nearest is null ? "" : $"; did you mean '{nearest}'?");
    }
}
