using System.Globalization;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting;

/// <summary>Files of /proc as the kernel would show them at the end of a run.</summary>
public static class ProcFiles
{
    /// <summary>Writes /proc/vmstat: every counter, a name and a number a line.</summary>
    /// <remarks>Linux: mm/vmstat.c: vmstat_show, v6.18.</remarks>
    public static void WriteVmStat(TextWriter output, RunResult result)
    {
        foreach (KeyValuePair<string, long> counter in result.VmStat)
            output.WriteLine(counter.Key + " " + counter.Value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Writes /proc/buddyinfo: a line for each zone.</summary>
    /// <remarks>Linux: mm/vmstat.c: frag_show_print, v6.18.</remarks>
    public static void WriteBuddyInfo(TextWriter output, RunResult result)
    {
        foreach (string line in result.BuddyInfo)
            output.WriteLine(line);
    }
}
