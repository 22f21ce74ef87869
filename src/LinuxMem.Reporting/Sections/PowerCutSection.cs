using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Sections;

/// <summary>How often the power was cut in thought, and what was compared then.</summary>
internal static class PowerCutSection
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PowerCutResult cut)
    {
        output.WriteLine($"Power cuts: {Units.Exact(cut.Cuts)}, one after every write of a disk; pages torn by them: "
            + Units.Exact(cut.TornPages));
        output.WriteLine($"Pages promised by fsync, msync or sync: {Units.Exact(cut.Promises)}; compared: "
            + Units.Exact(cut.Checks));
        if (cut.LostByDisk > 0)
            output.WriteLine($"Lost because the disk dropped what it said it had: {Units.Exact(cut.LostByDisk)}");
    }
}
