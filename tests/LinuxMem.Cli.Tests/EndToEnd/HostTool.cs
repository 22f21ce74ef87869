using System.Diagnostics;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>A program of the host, run on a tree of /proc.</summary>
internal static class HostTool
{
    /// <summary>Runs a shell command; its exit code and what it wrote to both streams.</summary>
    public static (int Code, string Output) Run(string command)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec 2>&1; " + command);
        start.Environment["LC_ALL"] = "C";
        start.Environment["COLUMNS"] = "200";
        start.Environment["TERM"] = "dumb";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>Whether the shell finds a command and it runs.</summary>
    public static bool Has(string probe) => Run(probe + " >/dev/null").Code == 0;

    /// <summary>A command that has the tree mounted on /proc, as the first process of a pid namespace.</summary>
    public static string On(string tree, string command) =>
        $"{Unshare} sh -c 'mount --bind {tree}/proc /proc && exec {command}'";

    /// <summary>Whether a mount namespace can be made here, by root or by anybody.</summary>
    public static bool CanMount => Has(Unshare + " true");

    private static string Unshare => Environment.UserName == "root" ? "unshare -mpf" : "unshare -Urmpf";
}
