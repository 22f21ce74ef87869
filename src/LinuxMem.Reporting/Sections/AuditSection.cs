using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>Whether the machine's invariants held.</summary>
internal static class AuditSection
{
    private const int MostViolations = 20;

    /// <summary>Writes one line, and one more for each violation.</summary>
    public static void Write(TextWriter output, AuditResult audit)
    {
        if (audit.Level == "off")
        {
            output.WriteLine("Audit: off");
            return;
        }

        string when = audit.Level == "round" ? "after every round" : "at the end";
        string found = audit.Violations.Count == 0
            ? "nothing is broken"
            : $"{Units.Exact(audit.Violations.Count)} VIOLATED";
        output.WriteLine($"Audit: {Units.Exact(audit.Checks)} checks {when}, {found}");
        for (int i = 0; i < Math.Min(audit.Violations.Count, MostViolations); i++)
            output.WriteLine("  " + SafeText.Clean(audit.Violations[i], 300));
        if (audit.Violations.Count > MostViolations)
            output.WriteLine($"  ... and {Units.Exact(audit.Violations.Count - MostViolations)} more");
    }
}
