using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What tasks waited for, as `perf lock contention` shows it.</summary>
internal static class LockSection
{
    private const int TopRows = 12;

    /// <summary>Writes the section, if anybody waited or <paramref name="asked"/>; false if there is nothing.</summary>
    public static bool Write(TextWriter output, LockReport? locks, bool asked, bool all)
    {
        if (locks is null || (!asked && !locks.AnyContended))
            return false;
        int rows = all ? locks.Calls.Count : Math.Min(TopRows, locks.Calls.Count);
        output.WriteLine(rows == locks.Calls.Count ? "Lock contention"
            : $"Lock contention (the {rows} of {locks.Calls.Count} with the longest waits; --all lists the rest)");
        var table = new TextTable(
            TextColumn.Number("CONTENDED"), TextColumn.Number("TOTAL WAIT"), TextColumn.Number("MAX WAIT"),
            TextColumn.Number("AVG WAIT"), TextColumn.Number("P99"), TextColumn.Words("LOCK"),
            TextColumn.Words("CALLER"));
        foreach (LockCallResult call in locks.Calls.Take(rows))
        {
            table.Add(Units.Count(call.Waits.Count), Units.Duration(call.Waits.TotalNs),
                Units.Duration(call.Waits.MaxNs), Units.Duration(call.Waits.TotalNs / call.Waits.Count),
                Units.Duration(call.Waits.P99Ns), Lock(call), SafeText.Clean(call.Call));
        }

        table.Write(output);
        if (asked)
        {
            WriteClasses(output, locks.Classes);
            WriteInstances(output, locks.Instances);
            WriteWorst(output, locks.Worst);
        }

        return true;
    }

    private static string Lock(LockCallResult call) => call.Class is "mmap_lock" or "vma_lock"
        ? call.Class + (call.Writes ? ":W" : ":R") : call.Class;

    private static void WriteClasses(TextWriter output, IReadOnlyList<LockClassResult> classes)
    {
        output.WriteLine();
        output.WriteLine("Locks (held: where others could have waited)");
        var table = new TextTable(
            TextColumn.Words("LOCK"), TextColumn.Number("ACQUIRED"), TextColumn.Number("CONTENDED"),
            TextColumn.Number("TOTAL WAIT"), TextColumn.Number("P50"), TextColumn.Number("P90"),
            TextColumn.Number("P99"), TextColumn.Number("MAX"), TextColumn.Number("AVG HELD"),
            TextColumn.Number("MAX HELD"));
        foreach (LockClassResult c in classes)
        {
            table.Add(c.Class, Units.Count(c.Acquired), Units.Count(c.Waits.Count), Units.Duration(c.Waits.TotalNs),
                Units.Duration(c.Waits.P50Ns), Units.Duration(c.Waits.P90Ns), Units.Duration(c.Waits.P99Ns),
                Units.Duration(c.Waits.MaxNs),
                c.Holds.Count == 0 ? "-" : Units.Duration(c.Holds.TotalNs / c.Holds.Count),
                Units.Duration(c.Holds.MaxNs));
        }

        table.Write(output);
    }

    private static void WriteInstances(TextWriter output, IReadOnlyList<LockInstanceResult> instances)
    {
        if (instances.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine("Locks that were waited for longest");
        var table = new TextTable(
            TextColumn.Words("LOCK"), TextColumn.Number("NUMBER"), TextColumn.Number("CONTENDED"),
            TextColumn.Number("TOTAL WAIT"), TextColumn.Number("P99"), TextColumn.Number("MAX"));
        foreach (LockInstanceResult i in instances)
        {
            table.Add(i.Class, Text(i.Instance), Units.Count(i.Waits.Count), Units.Duration(i.Waits.TotalNs),
                Units.Duration(i.Waits.P99Ns), Units.Duration(i.Waits.MaxNs));
        }

        table.Write(output);
    }

    private static void WriteWorst(TextWriter output, IReadOnlyList<LockWaitResult> worst)
    {
        if (worst.Count == 0)
            return;
        output.WriteLine();
        output.WriteLine("Longest waits");
        var table = new TextTable(
            TextColumn.Number("AT"), TextColumn.Number("WAIT"), TextColumn.Words("LOCK"), TextColumn.Number("TASK"),
            TextColumn.Words("IN"), TextColumn.Number("HOLDER"), TextColumn.Words("IN"));
        foreach (LockWaitResult w in worst)
        {
            table.Add(Units.Duration(w.AtNs), Units.Duration(w.WaitNs), w.Class, Text(w.Tid), SafeText.Clean(w.Call),
                w.HolderTid == 0 ? "-" : Text(w.HolderTid), SafeText.Clean(w.HolderCall));
        }

        table.Write(output);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
