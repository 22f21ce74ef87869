using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LinuxMem.Cli.Bindings;

/// <summary>Compiles a measuring program with the host's compiler and runs it.</summary>
/// <param name="path">Where to look for a compiler, as in PATH.</param>
internal sealed class HostBench(string path)
{
    private static readonly string[] Compilers = ["cc", "gcc", "clang"];

    /// <summary>What calibrate.c printed.</summary>
    /// <exception cref="IOException">There is no compiler, or this is no Linux, or the program failed.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public string Measure(CancellationToken cancel) => Measure("calibrate", [], cancel);

    /// <summary>What so many rounds of hostscale.c printed.</summary>
    /// <exception cref="IOException">As <see cref="Measure(CancellationToken)"/>.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public string MeasureScale(int rounds, CancellationToken cancel) =>
        Measure("hostscale", [rounds.ToString(CultureInfo.InvariantCulture)], cancel);

    private string Measure(string name, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
            throw new IOException("calibrate measures a Linux kernel, and this host runs another");
        string compiler = Compilers.SelectMany(word => path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, word))).FirstOrDefault(File.Exists)
            ?? throw new IOException("calibrate needs a C compiler (cc, gcc or clang), and none is installed");
        string folder = Directory.CreateTempSubdirectory("linuxmem-calibrate-").FullName;
        try
        {
            string source = Path.Combine(folder, name + ".c"), program = Path.Combine(folder, name);
            using (Stream text = typeof(HostBench).Assembly.GetManifestResourceStream(name + ".c")!)
            using (FileStream file = File.Create(source))
                text.CopyTo(file);
            Run(compiler, ["-O2", "-pthread", "-o", program, source], cancel);
            return Run(program, [folder, .. arguments], cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start) ?? throw new IOException($"{program} cannot be started");
            using CancellationTokenRegistration kill = cancel.Register(() => process.Kill(entireProcessTree: true));
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancel.ThrowIfCancellationRequested();
            return process.ExitCode == 0
                ? output : throw new IOException($"{program} ended with exit code {process.ExitCode}");
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}", e);
        }
    }
}
