using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Sections;

/// <summary>
/// What was injected: the first thing that a report tells, so that nobody looks for bugs that were made.
/// </summary>
internal static class FaultSection
{
    private const int ListedMax = 20;
    private const int ReplayCharsMax = 400;

    /// <summary>Writes the section and an empty line.</summary>
    public static void Write(TextWriter output, FaultReport report, bool all)
    {
        output.WriteLine($"FAULTS INJECTED: {Units.Exact(report.Failures)}"
            + (report.Settings.HealAtNs is { } heal ? $"; none from {Units.Duration(heal)} on" : ""));
        foreach (FaultRule rule in report.Settings.Rules)
            output.WriteLine($"  {FaultText.Format(rule)}");
        if (report.Settings.FailNth > 0)
        {
            string after = report.Settings.FailNthMode == FailNthMode.AndAfter ? " and all after it" : "";
            output.WriteLine($"  fail-nth {Units.Exact(report.Settings.FailNth)}{after}");
        }

        foreach (MemoryErrorEvent error in report.Settings.MemoryErrors)
        {
            string where = error.Pid == 0 ? $"frame 0x{error.Pfn:x}" : $"pid {error.Pid}, 0x{error.Address:x}";
            string what = error.Kind switch
            {
                MemoryErrorKind.Soft => "soft offline",
                MemoryErrorKind.Unpoison => "unpoison",
                _ => "memory error",
            };
            output.WriteLine($"  {what} at {Units.Duration(error.AtNs)}: {where}");
        }

        WriteMessages(output, report.Messages);
        foreach (string warning in report.Warnings)
            output.WriteLine($"  warning: {warning}");
        int listed = all ? report.Injected.Count : Math.Min(report.Injected.Count, ListedMax);
        foreach (InjectedFault fault in report.Injected.Take(listed))
        {
            string whose = fault.Tid == 0 ? "the kernel" : $"task {fault.Tid}";
            string detail = fault.Detail.Length == 0 ? "" : $" ({SafeText.Clean(fault.Detail)})";
            output.WriteLine($"  {Units.Duration(fault.AtNs),10}  {fault.Decision.Site.Point}: {fault.Decision} in "
                + $"{fault.Operation} of {whose}{detail}");
        }

        if (report.Failures > listed)
            output.WriteLine($"  ... and {Units.Exact(report.Failures - listed)} more");
        if (report.Failures > 0 && report.Replay.Length <= ReplayCharsMax)
            output.WriteLine($"  again, without drawing: --faults {report.Replay}");
        output.WriteLine();
    }

    private static void WriteMessages(TextWriter output, IReadOnlyList<WireCount> pairs)
    {
        if (pairs.Count == 0)
            return;
        output.WriteLine($"  messages between actors: {Units.Exact(pairs.Sum(pair => pair.Sent))}, of them lost "
            + $"{Units.Exact(pairs.Sum(pair => pair.Lost))}, doubled "
            + $"{Units.Exact(pairs.Sum(pair => pair.Copies))}, late "
            + Units.Exact(pairs.Sum(pair => pair.Late)));
    }
}
