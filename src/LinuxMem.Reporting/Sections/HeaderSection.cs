using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>The first lines: what was run, how long it took, and what identifies its outcome.</summary>
internal static class HeaderSection
{
    /// <summary>Writes the section.</summary>
    public static void Write(TextWriter output, RunResult result, RunReportOptions options)
    {
        output.WriteLine($"{SafeText.Clean(result.Scenario, 60)}: seed {result.Seed}, "
            + $"digest {SafeText.Clean(result.Digest)}, build {SafeText.Clean(result.Build, 40)}");
        if (result.Panic is { } panic)
        {
            output.WriteLine($"Kernel panic at {Units.Duration(panic.AtNs)}: {SafeText.Clean(panic.Message, 60)}; "
                + "the run ends there");
        }

        if (result.Stall is { } stall)
        {
            output.WriteLine($"Stall at {Units.Duration(stall.AtNs)}: {SafeText.Clean(stall.Reason, 200)}; "
                + "the run ends there");
        }

        output.WriteLine($"Virtual time {Units.Duration(result.VirtualNs)}, {Units.Count(result.Accesses)} accesses, "
            + $"{Units.Count(result.Rounds)} rounds");
        if (options.WallSeconds is { } wall)
        {
            string speed = wall > 0 ? ", " + Units.Rate(result.Accesses / wall, "accesses") : "";
            string threads = result.Threads == 1 ? "1 thread" : $"{result.Threads} threads";
            output.WriteLine($"Wall time {Units.Seconds(wall)} on {threads}{speed}");
        }
    }
}
