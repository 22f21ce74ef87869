using LinuxMem.Reporting.Sections;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting;

/// <summary>
/// The result of a run as text for people: plain characters, no colour, no wrapping, so that it pipes and diffs well.
/// </summary>
public static class RunReportText
{
    /// <summary>
    /// Writes the whole report: most of it fits 80 columns, all of it 100 unless a name or a number is longer.
    /// </summary>
    public static void Write(TextWriter output, RunResult result, RunReportOptions options)
    {
        if (result.Faults is { } faults)
            FaultSection.Write(output, faults, options.All);
        if (result.PowerCut is { } cut)
            PowerCutSection.Write(output, cut);
        HeaderSection.Write(output, result, options);
        output.WriteLine();
        if (options.Replay is { } replay)
        {
            ReplaySection.Write(output, result, replay);
            output.WriteLine();
            if (replay.Check is { } check)
            {
                CheckSection.Write(output, check, options.All);
                output.WriteLine();
            }
        }

        ProcessSection.Write(output, result.Processes, options.All);
        output.WriteLine();
        GroupSection.Write(output, result.Groups);
        CpuSection.Write(output, result.Cpus, options.All);
        output.WriteLine();
        if (LockSection.Write(output, result.Locks, options.Locks, options.All))
            output.WriteLine();
        MemorySection.Write(output, result.Memory);
        output.WriteLine();
        DiskSection.Write(output, result.Disks, result.VirtualNs);
        WriteBuddyInfo(output, result.BuddyInfo);
        output.WriteLine();
        FragmentationSection.Write(output, result.Fragmentation);
        AgeSection.Write(output, result.PageAges);
        CounterSection.WriteFaults(output, result.FaultKinds);
        output.WriteLine();
        CounterSection.WriteVmStat(output, result.VmStat);
        output.WriteLine();
        CounterSection.WriteUnknownCalls(output, result.UnknownCalls);
        SharingSection.WriteSummary(output, result.Sharing);
        KernelLogSection.Write(output, result.KernelLog);
        AuditSection.Write(output, result.Audit);
        output.WriteLine("Digest: " + Text.SafeText.Clean(result.Digest));
    }

    private static void WriteBuddyInfo(TextWriter output, IReadOnlyList<string> lines)
    {
        output.WriteLine("/proc/buddyinfo (free blocks of order 0, 1, 2, ...)");
        foreach (string line in lines)
            output.WriteLine(Text.SafeText.Clean(line));
    }
}
