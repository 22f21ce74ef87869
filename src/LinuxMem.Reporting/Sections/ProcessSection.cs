using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>The processes, as ps shows them, and how they ended.</summary>
internal static class ProcessSection
{
    private const int MostRows = 40;
    private const int TopRows = 30;
    private const int MostDetails = 10;

    /// <summary>Writes the section: by pid, or the ones with the most faults if there are many.</summary>
    public static void Write(TextWriter output, IReadOnlyList<ProcessResult> processes, bool all)
    {
        bool whole = all || processes.Count <= MostRows;
        ProcessResult[] shown = whole ? [.. processes] : MostFaults(processes);
        output.WriteLine(whole ? $"Processes ({processes.Count})" : $"Processes (the {TopRows} of {processes.Count} "
            + "with the most minor faults)");
        MakeTable(shown).Write(output);
        if (!whole)
            WriteRest(output, processes, shown);
        WriteDetails(output, shown);
    }

    private static ProcessResult[] MostFaults(IReadOnlyList<ProcessResult> processes)
    {
        ProcessResult[] sorted = [.. processes];
        Array.Sort(sorted, (a, b) => a.MinFlt != b.MinFlt ? b.MinFlt.CompareTo(a.MinFlt) : a.Pid.CompareTo(b.Pid));
        return sorted[..TopRows];
    }

    private static TextTable MakeTable(ProcessResult[] processes)
    {
        var table = new TextTable(
            TextColumn.Number("PID"), TextColumn.Number("PPID"), TextColumn.Words("COMM"), TextColumn.Number("VSZ"),
            TextColumn.Number("RSS"), TextColumn.Number("MAXRSS"), TextColumn.Number("MINFLT"),
            TextColumn.Number("MAJFLT"),
            TextColumn.Number("CPU"), TextColumn.Number("SYS"), TextColumn.Words("FATE"));
        foreach (ProcessResult p in processes)
        {
            table.Add(
                Plain(p.Pid), Plain(p.Ppid), SafeText.Clean(p.Comm, 15), Units.Kib(p.VszKiB), Units.Kib(p.RssKiB),
                Units.Kib(p.MaxRssKiB), Plain(p.MinFlt), Plain(p.MajFlt), Units.Duration(p.CpuNs),
                Units.Percent(p.CpuNs - p.UserNs, p.CpuNs, 0), ShortFate(p.Fate));
        }

        return table;
    }

    private static string Plain(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void WriteRest(TextWriter output, IReadOnlyList<ProcessResult> processes, ProcessResult[] shown)
    {
        long faults = 0;
        foreach (ProcessResult p in processes)
            faults += p.MinFlt;
        foreach (ProcessResult p in shown)
            faults -= p.MinFlt;
        output.WriteLine($"... and {processes.Count - shown.Length} more with {Units.Exact(faults)} minor faults "
            + "(--all lists them)");
    }

    // What is in brackets (why a signal was sent, and for which address) would make the table wider than a terminal.
    private static string ShortFate(string fate)
    {
        int bracket = fate.IndexOf(" (", StringComparison.Ordinal);
        return SafeText.Clean(bracket < 0 ? fate : fate[..bracket], 24);
    }

    private static void WriteDetails(TextWriter output, ProcessResult[] processes)
    {
        int details = 0;
        foreach (ProcessResult p in processes)
        {
            if (!p.Fate.Contains(" (", StringComparison.Ordinal))
                continue;
            if (++details <= MostDetails)
                output.WriteLine($"{p.Pid} {SafeText.Clean(p.Comm, 15)}: {SafeText.Clean(p.Fate, 70)}");
        }

        if (details > MostDetails)
            output.WriteLine($"... and {details - MostDetails} more like these");
    }
}
