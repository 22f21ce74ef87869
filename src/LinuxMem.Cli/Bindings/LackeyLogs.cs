using System.Text;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Lackey;

namespace LinuxMem.Cli.Bindings;

/// <summary>Replays of lackey logs. The machine is one CPU with 1 GiB unless settings say otherwise.</summary>
internal static class LackeyLogs
{
    private static readonly byte[] Defaults = Encoding.UTF8.GetBytes(
        """
        {
          "name": "replay",
          "machine": { "cpus": 1, "memory": "1GiB", "contents": "none" },
          "processes": [ { "name": "replay", "steps": [ { "exit": 0 } ] } ]
        }
        """);

    /// <summary>Opens logs.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="standardInput">The standard input, if it is one of the logs and was opened already.</param>
    public static ReplayInput Open(ReplayRequest request, Stream? standardInput)
    {
        if (request.Check is not null || request.KeepGoing || request.Layouts is not null)
        {
            string first = InputFile.Name(request.Logs[0]);
            string what = Directory.Exists(first) ? "a directory is replayed as logs" : "this is a log";
            throw new ConfigurationException($"{first}: {what} of valgrind's lackey, which logs no answers; "
                + "--check, --keep-going and --layouts take one log of strace -f");
        }

        Scenario settings = ReplaySettings.Read(Defaults, request.Sets);
        var options = new LackeyOptions { Strict = request.Strict, StandardInput = standardInput };
        if (request.Layout == "linux")
        {
            string place = request.WorkingDirectory
                ?? (request.Sysroot is null ? Directory.GetCurrentDirectory() : "/");
            options = options with
            {
                Layout = LackeyLayout.Linux,
                Sysroot = new Sysroot(request.Sysroot ?? "/", place),
                HasAvx512 = request.Processor != "avx2",
            };
        }
        else if (request.IsOfLayout)
        {
            throw new ConfigurationException("--sysroot, --cwd, --processor and --env go with --layout=linux");
        }

        if (request.Environment.Count > 0)
            options = options with { Environment = request.Environment };
        LackeyReplay replay = LackeyReplay.Open(request.Logs, options);
        Scenario scenario = replay.Scenario with
        {
            Machine = settings.Machine,
            Engine = settings.Engine,
            Seed = settings.Seed
        };
        return new ReplayInput { Scenario = scenario, Totals = _ => Finish(replay) };
    }

    private static ReplayTotals Finish(LackeyReplay replay)
    {
        using (replay)
        {
            replay.CountRest();
            LackeyTotals totals = replay.Totals;
            return new ReplayTotals
            {
                Lines = totals.Lines,
                Accesses = totals.Accesses,
                Calls = totals.Calls,
                Notes = totals.Notes,
                Rejected = totals.Rejected,
                RejectedMessages = totals.RejectedMessages,
                Warnings = totals.Warnings,
            };
        }
    }
}
