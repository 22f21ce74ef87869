using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Commands;

/// <summary>One call of the command: its arguments, its streams, and what it works with.</summary>
internal sealed record CommandContext(
    IReadOnlyList<string> Args, TextWriter Output, TextWriter Error, CommandServices Services)
{
    /// <summary>The command line, quoted for a shell.</summary>
    public string CommandLine => ShellText.Join(["linuxmem", .. Args]);

    /// <summary>Writes a message for the user, made safe, after the command's name.</summary>
    public void Complain(string message) => Error.WriteLine("linuxmem: " + SafeText.Clean(message, 2000));

    /// <summary>Runs the work of a command; whatever it throws becomes a message and an exit code, and never a stack trace.</summary>
    public int Guard(Func<int> work)
    {
        try
        {
            int code = work();
            Output.Flush();
            return code;
        }
        catch (Exception e)
        {
            return Explain(e is AggregateException { InnerExceptions.Count: 1 } one ? one.InnerExceptions[0] : e);
        }
    }

    private int Explain(Exception exception)
    {
        switch (exception)
        {
            case ConfigurationException mistakes:
                // As they are, with nothing before "path:line:column:", so that editors and people can jump there.
                foreach (string message in mistakes.Messages)
                    Error.WriteLine(SafeText.Clean(message, 2000));
                return ExitCode.BadInput;
            case OperationCanceledException:
                Complain("interrupted");
                return ExitCode.Interrupted;
            case KernelBug bug:
                Complain("invariant violated: " + bug.Message);
                Error.WriteLine("This is a bug of the simulator. To see it again: " + SafeText.Clean(CommandLine));
                return ExitCode.InvariantViolated;
            case InvalidDataException:
                Complain(exception.Message);
                return ExitCode.BadInput;
            case IOException or UnauthorizedAccessException:
                Complain(exception.Message);
                return ExitCode.InputOutput;
            default:
                Complain($"internal error: {exception.GetType().Name}: {exception.Message}");
                string? crash = CrashFile.Write(Services.CrashDirectory, exception, CommandLine);
                Error.WriteLine(crash is null ? "Please report this." : $"Please report this with the file {SafeText.Clean(crash)}");
                return ExitCode.InternalError;
        }
    }
}
