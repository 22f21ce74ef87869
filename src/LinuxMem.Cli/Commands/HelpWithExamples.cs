using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LinuxMem.Cli.Commands;

/// <summary>Help: what the library makes of the options, and then examples and exit codes.</summary>
internal sealed class HelpWithExamples((string Line, string What)[] rootExamples) : SynchronousCommandLineAction
{
    // Fixed, so that help is the same text in a pipe, in a test and on a terminal.
    private readonly HelpAction options = new() { MaxWidth = 100 };

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = options.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach ((string line, string what) in Examples(parseResult.CommandResult.Command))
        {
            output.WriteLine("  " + line);
            output.WriteLine("      " + what);
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0 done; 1 an expectation failed; 2 bad usage or input; 3 input/output error;");
        output.WriteLine("  4 an invariant is violated; 5 internal error; 6 the simulated kernel panicked;");
        output.WriteLine("  130 interrupted");
        return code;
    }

    private (string Line, string What)[] Examples(Command command) =>
        command is ExampledCommand exampled ? exampled.Examples : rootExamples;
}
