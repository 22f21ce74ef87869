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

    /// <summary>
    /// Runs the work of a command; whatever it throws becomes a message and an exit code, and never a stack trace.
    /// </summary>
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

    /// <summary>Says what happened, for the user.</summary>
    /// <returns>The exit code for it, also where nothing can be said because stderr is closed or its disk is
    /// full.</returns>
    public int Explain(Exception exception)
    {
        int code = Classify(exception);
        try
        {
            Say(code, exception);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return code;
        }

        return code;
    }

    private static int Classify(Exception exception) => exception switch
    {
        ConfigurationException or InvalidDataException => ExitCode.BadInput,
        OperationCanceledException => ExitCode.Interrupted,
        KernelBug => ExitCode.InvariantViolated,
        IOException or UnauthorizedAccessException => ExitCode.InputOutput,
        _ => ExitCode.InternalError,
    };

    private void Say(int code, Exception exception)
    {
        switch (code)
        {
            case ExitCode.BadInput when exception is ConfigurationException mistakes:
                // As they are, with nothing before "path:line:column:", so that editors and people can jump there.
                foreach (string message in mistakes.Messages)
                    Error.WriteLine(SafeText.Clean(message, 2000));
                break;
            case ExitCode.Interrupted:
                Complain("interrupted");
                break;
            case ExitCode.InvariantViolated:
                Complain("invariant violated: " + exception.Message);
                Error.WriteLine("This is a bug of the simulator. To see it again: " + SafeText.Clean(CommandLine));
                break;
            case ExitCode.InternalError:
                string? crash = CrashFile.Write(Services.CrashDirectory, exception, CommandLine);
                Complain($"internal error: {exception.GetType().Name}: {exception.Message}");
                Error.WriteLine(crash is null
                    ? "Please report this."
                    : $"Please report this with the file {SafeText.Clean(crash)}");
                break;
            default:
                Complain(exception.Message);
                break;
        }
    }
}
