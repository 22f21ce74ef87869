using LinuxMem.Cli.Calibration;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Scale;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Commands;

/// <summary>linuxmem calibrate --compare: tests of will-it-scale on the host and here, side by side.</summary>
internal static class HostCompare
{
    // As hostscale.c has it: so little that many passes fit, with their munmaps.
    private const ulong RegionBytes = 4UL << 20;
    private const long WindowNs = 50_000_000;

    /// <summary>Measures, runs, compares. The exit code.</summary>
    public static int Run(CommandContext context, bool json)
    {
        string costsText;
        HostScale host;
        try
        {
            costsText = context.Services.MeasureHost(context.Services.Cancel);
            host = new HostScaleSession(context.Services.MeasureHostScale).Run(context.Services.Cancel);
        }
        catch (IOException impossible)
        {
            return Skip(context, impossible.Message);
        }

        if (host.Refusal is { } reason)
            return Skip(context, reason);
        // A hypervisor moves its CPUs: lines and locks as they were in those rounds, not as they were before them.
        var costs = new HostCosts(costsText, host);
        string[] sets = [.. costs.Settings.Select(cost => $"machine.{cost.Key}={cost.Ns}")];
        var rows = new List<HostScaleRow>();
        foreach (string test in host.Tests)
        {
            ScaleCurve curve = context.Services.Scale.Run(
                new ScaleRequest(test, [1, 2], ["processes", "threads"], ["per-vma"], WindowNs, 1, sets)
                { RegionBytes = RegionBytes },
                _ => { }, context.Services.Cancel);
            rows.Add(HostComparison.Row(host, curve));
        }

        if (json)
            HostScaleReport.WriteJson(context.Output, rows);
        else
            HostScaleReport.WriteText(context.Output, rows);
        return rows.Any(row => row.Differs) ? ExitCode.ExpectationFailed : ExitCode.Done;
    }

    private static int Skip(CommandContext context, string reason)
    {
        context.Output.WriteLine($"skipped: {reason}");
        return ExitCode.Done;
    }
}
