using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What became of the lines of the replayed logs.</summary>
internal static class ReplaySection
{
    /// <summary>Writes the section.</summary>
    public static void Write(TextWriter output, RunResult result, ReplayTotals totals)
    {
        output.WriteLine("Log");
        output.WriteLine($"{Units.Exact(totals.Lines)} lines = {Units.Exact(totals.Accesses)} accesses "
            + $"+ {Units.Exact(totals.Calls)} calls + {Units.Exact(totals.Notes)} notes "
            + $"+ {Units.Exact(totals.Rejected)} rejected");
        long inferred = 0;
        foreach (ProcessResult process in result.Processes)
            inferred += process.InferredPages;
        if (inferred > 0)
        {
            output.WriteLine($"{Units.Exact(inferred)} pages were mapped on the evidence of accesses alone: "
                + "the log does not say where the program's image and stack are");
        }
    }
}
