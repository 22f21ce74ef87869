using System.Globalization;
using LinuxMem.Reporting.Text;

namespace LinuxMem.Reporting.Sections;

/// <summary>Counters by name: kinds of faults, /proc/vmstat, calls that are not modelled.</summary>
internal static class CounterSection
{
    /// <summary>Writes what was done about page faults, with shares.</summary>
    public static void WriteFaults(TextWriter output, IReadOnlyList<KeyValuePair<string, long>> kinds)
    {
        long total = 0;
        foreach (KeyValuePair<string, long> kind in kinds)
            total += kind.Value;
        output.WriteLine($"Page faults ({Units.Exact(total)})");
        if (total == 0)
            return;
        var table = new TextTable(TextColumn.Words("KIND"), TextColumn.Number("COUNT"), TextColumn.Number("SHARE"));
        foreach (KeyValuePair<string, long> kind in kinds)
        {
            if (kind.Value != 0)
                table.Add(SafeText.Clean(kind.Key, 40), Units.Exact(kind.Value), Units.Percent(kind.Value, total));
        }

        table.Write(output);
    }

    /// <summary>Writes the counters that are not zero, in two columns, downwards first, in the file's order.</summary>
    public static void WriteVmStat(TextWriter output, IReadOnlyList<KeyValuePair<string, long>> counters)
    {
        output.WriteLine("/proc/vmstat (what is not zero)");
        var lines = new List<string>();
        int nameWidth = 0, valueWidth = 0;
        foreach (KeyValuePair<string, long> counter in counters)
        {
            nameWidth = Math.Max(nameWidth, counter.Value == 0 ? 0 : Math.Min(counter.Key.Length, 32));
            valueWidth = Math.Max(valueWidth, Plain(counter.Value).Length);
        }

        foreach (KeyValuePair<string, long> counter in counters)
        {
            if (counter.Value != 0)
                lines.Add(SafeText.Clean(counter.Key, 32).PadRight(nameWidth) + " "
                    + Plain(counter.Value).PadLeft(valueWidth));
        }

        int half = (lines.Count + 1) / 2;
        for (int i = 0; i < half; i++)
            output.WriteLine(i + half < lines.Count ? lines[i] + "    " + lines[i + half] : lines[i]);
    }

    /// <summary>
    /// Writes a line on the calls that were answered with ENOSYS, and an empty one; nothing if there were none.
    /// </summary>
    public static void WriteUnknownCalls(TextWriter output, IReadOnlyList<KeyValuePair<string, long>> calls)
    {
        if (calls.Count == 0)
            return;
        output.WriteLine("System calls that are not modelled (answered with ENOSYS)");
        var table = new TextTable(TextColumn.Words("CALL"), TextColumn.Number("COUNT"));
        foreach (KeyValuePair<string, long> call in calls)
            table.Add(SafeText.Clean(call.Key, 40), Units.Exact(call.Value));
        table.Write(output);
        output.WriteLine();
    }

    private static string Plain(long number) => number.ToString(CultureInfo.InvariantCulture);
}
