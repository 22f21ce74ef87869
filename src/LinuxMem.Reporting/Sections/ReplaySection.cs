using System.Globalization;
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
        string kinds = totals.Check is null
            ? $"{Units.Exact(totals.Accesses)} accesses + {Units.Exact(totals.Calls)} calls"
            : $"{Units.Exact(totals.Calls)} calls + {Units.Exact(totals.Continued)} resumed "
                + $"+ {Units.Exact(totals.Signals)} signals + {Units.Exact(totals.Exits)} exits";
        output.WriteLine($"{Units.Exact(totals.Lines)} lines = {kinds} + {Units.Exact(totals.Notes)} notes "
            + $"+ {Units.Exact(totals.Rejected)} rejected");
        foreach (string warning in totals.Warnings)
            output.WriteLine("note: " + SafeText.Clean(warning));
        long inferred = 0;
        foreach (ProcessResult process in result.Processes)
            inferred += process.InferredPages;
        if (inferred > 0)
        {
            output.WriteLine($"{Units.Exact(inferred)} pages were mapped on the evidence of accesses alone: "
                + "the log does not say where the program's image and stack are");
        }

        WriteMappings(output, result);
    }

    private static void WriteMappings(TextWriter output, RunResult result)
    {
        if (!result.Processes.Any(p => p.Vmas is not null))
            return;
        output.WriteLine($"expected natively: {Units.Exact(result.Processes.Sum(p => p.MinFlt))} minor faults, "
            + $"{Units.Exact(result.Processes.Sum(p => p.MajFlt))} major");
        foreach (ProcessResult process in result.Processes)
        {
            if (process.Vmas is not { Count: > 0 } vmas)
                continue;
            output.WriteLine();
            output.WriteLine($"Mappings of {process.Pid} ({SafeText.Clean(process.Comm)}) at its end: rights, offset, "
                + "KiB resident, KiB anonymous");
            foreach (VmaResult vma in vmas)
            {
                string range = string.Create(CultureInfo.InvariantCulture, $"{vma.Start:x8}-{vma.End:x8}");
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{range,-26} {vma.Rights} {vma.Offset:x8} {vma.RssKiB,8} {vma.AnonymousKiB,8}  ")
                    + SafeText.Clean(vma.Name));
            }
        }
    }
}
