using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Sections;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting;

/// <summary>What came of cutting the power, as text and as JSON.</summary>
public static class PowerCutReport
{
    /// <summary>Writes it for people.</summary>
    public static void Write(TextWriter output, RunResult run, PowerCutResult cut, RebootTotals? reboots = null)
    {
        if (run.Faults is { } faults)
            FaultSection.Write(output, faults, all: false);
        output.WriteLine($"{SafeText.Clean(run.Scenario, 60)}: seed {run.Seed}, digest {SafeText.Clean(run.Digest)}");
        PowerCutSection.Write(output, cut);
        if (reboots is { } again)
        {
            output.WriteLine($"Machines started again: {Units.Exact(again.Reboots)}; files read by them: "
                + $"{Units.Exact(again.FilesRead)}; promised pages compared by sectors: "
                + $"{Units.Exact(again.PromisesCompared)}; not as they may be: {Units.Exact(again.Violations)}");
        }

        output.WriteLine(cut.Violations.Count == 0
            ? cut.Promises == 0 ? "Nothing was promised, so nothing is said."
                : cut.LostByDisk > 0 ? "All else that was promised is there." : "All that was promised is there."
            : $"Promised and not there: {Units.Exact(cut.Violations.Count)}");
    }

    /// <summary>Writes it for programs.</summary>
    public static void WriteJson(
        TextWriter output, RunResult run, PowerCutResult cut, RebootTotals? reboots = null) =>
        JsonText.Write(output, json => WriteMembers(json, run, cut, reboots));

    private static void WriteMembers(
        System.Text.Json.Utf8JsonWriter json, RunResult run, PowerCutResult cut, RebootTotals? reboots)
    {
        json.WriteString("scenario", run.Scenario);
        json.WriteNumber("seed", run.Seed);
        json.WriteString("digest", run.Digest);
        PowerCutJson.WriteCounts(json, cut);
        if (reboots is { } again)
        {
            json.WriteNumber("reboots", again.Reboots);
            json.WriteNumber("filesRead", again.FilesRead);
            json.WriteNumber("promisesCompared", again.PromisesCompared);
            json.WriteNumber("rebootViolations", again.Violations);
        }

        PowerCutJson.WriteViolations(json, cut);
    }
}

/// <summary>What came of machines that were started from the disk as it was at each cut.</summary>
/// <param name="Reboots">How many.</param>
/// <param name="FilesRead">Files that they have read.</param>
/// <param name="PromisesCompared">Promised pages that were compared, sector by sector.</param>
/// <param name="Violations">What was not as it may be; the first hundred.</param>
public readonly record struct RebootTotals(int Reboots, long FilesRead, long PromisesCompared, int Violations);
