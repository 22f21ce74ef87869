using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What the simulated kernel has printed, as dmesg shows it.</summary>
internal static class KernelLogSection
{
    /// <summary>Writes the lines and an empty one; nothing if there are none.</summary>
    public static void Write(TextWriter output, IReadOnlyList<KernelLogLine> lines)
    {
        const long nsPerSecond = 1_000_000_000;
        if (lines.Count == 0)
            return;
        output.WriteLine("Kernel log (dmesg; seconds of virtual time)");
        foreach (KernelLogLine line in lines)
        {
            string seconds = (line.AtNs / nsPerSecond).ToString(CultureInfo.InvariantCulture).PadLeft(5);
            string micros = (line.AtNs % nsPerSecond / 1000).ToString("d6", CultureInfo.InvariantCulture);
            output.WriteLine($"[{seconds}.{micros}] {SafeText.Clean(line.Text)}");
        }

        output.WriteLine();
    }
}
