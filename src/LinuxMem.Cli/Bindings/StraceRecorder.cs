using System.ComponentModel;
using System.Diagnostics;
using LinuxMem.Cli.Seams;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Bindings;

/// <summary>Records with strace, as logs are best for a replay: no randomisation, every child, whole buffers.</summary>
/// <param name="path">Where to look for tools and programs, as in PATH.</param>
internal sealed class StraceRecorder(string path) : IRecorder
{
    // What the program prints is not the command's result: it goes where messages go.
    private const string Script =
        "strace=$1 log=$2; shift 2; exec \"$0\" -R \"$strace\" -f -v -s 8192 -o \"$log\" -- \"$@\" >&2";

    private const string Shell = "sh";

    /// <inheritdoc/>
    public int Record(IReadOnlyList<string> program, string log, CancellationToken cancel)
    {
        string strace = Tool("strace", "strace");
        string setarch = Tool("setarch", "util-linux");
        string shell = Tool(Shell, Shell);
        if (!IsProgram(program[0]))
            throw new ConfigurationException($"diff: there is no program '{program[0]}'");
        var start = new ProcessStartInfo(shell) { UseShellExecute = false };
        foreach (string argument in (IEnumerable<string>)["-c", Script, setarch, strace, log, .. program])
            start.ArgumentList.Add(argument);
        using Process process = Start(start);
        using (cancel.Register(() => Kill(process)))
            process.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        if (!HasStarted(log))
            throw new IOException(
                $"strace recorded nothing of '{program[0]}' (exit code {process.ExitCode}): is tracing allowed here?");
        return process.ExitCode;
    }

    private string Tool(string name, string package) => Find(name)
        ?? throw new IOException(
            $"{name} is not installed (package {package}); a log that was recorded elsewhere can be checked with "
                + "'linuxmem replay LOG --check=calls'");

    private bool IsProgram(string name) => name.Contains('/') ? File.Exists(name) : Find(name) is not null;

    private string? Find(string name)
    {
        foreach (string directory in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string file = Path.Combine(directory, name);
            if (File.Exists(file))
                return file;
        }

        return null;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new IOException($"{start.FileName} cannot be started");
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{start.FileName} cannot be started: {e.Message}", e);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    // A log without a line is that of a strace that may not trace, or whose program could not be executed.
    private static bool HasStarted(string log) => File.Exists(log) && new FileInfo(log).Length > 0;
}
