using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What the CPUs and their TLBs did.</summary>
internal static class CpuSection
{
    private const int MostRows = 40;
    private const int TopRows = 30;

    /// <summary>
    /// Writes the section: by number, or the ones with the most accesses if there are many; and all together.
    /// </summary>
    public static void Write(TextWriter output, IReadOnlyList<CpuResult> cpus, bool all)
    {
        bool whole = all || cpus.Count <= MostRows;
        CpuResult[] shown = [.. cpus];
        if (!whole)
        {
            Array.Sort(shown, ByAccesses);
            shown = shown[..TopRows];
        }

        output.WriteLine(whole
            ? $"CPUs ({cpus.Count})"
            : $"CPUs (the {TopRows} of {cpus.Count} with the most accesses; --all lists the rest)");
        var table = new TextTable(
            TextColumn.Number("CPU"), TextColumn.Number("USER"), TextColumn.Number("SYS"),
            TextColumn.Number("ACCESSES"), TextColumn.Number("TLB HIT"), TextColumn.Number("IN L2"),
            TextColumn.Number("MISSES"),
            TextColumn.Number("SHOOTDOWNS"), TextColumn.Number("FLUSHES"), TextColumn.Number("SWITCHES"));
        foreach (CpuResult cpu in shown)
            AddRow(table, cpu.Cpu.ToString(CultureInfo.InvariantCulture), cpu);
        if (cpus.Count > 1)
            AddRow(table, "all", Sum(cpus));
        table.Write(output);
    }

    private static int ByAccesses(CpuResult a, CpuResult b) =>
        a.Accesses != b.Accesses ? b.Accesses.CompareTo(a.Accesses) : a.Cpu.CompareTo(b.Cpu);

    // USER and SYS are of the CPU's own time; TLB HIT of all translations (a run within a page is one); IN L2 of the
    // hits.
    private static void AddRow(TextTable table, string name, CpuResult cpu) => table.Add(
        name,
        Units.Percent(cpu.UserNs, cpu.BusyNs + cpu.IdleNs),
        Units.Percent(cpu.BusyNs - cpu.UserNs, cpu.BusyNs + cpu.IdleNs),
        Units.Count(cpu.Accesses),
        Units.Percent(cpu.TlbHits, cpu.TlbHits + cpu.TlbMisses, 2),
        Units.Percent(cpu.TlbL2Hits, cpu.TlbHits, 2),
        Units.Count(cpu.TlbMisses),
        Units.Count(cpu.Shootdowns),
        Units.Count(cpu.Flushes),
        Units.Count(cpu.ContextSwitches));

    private static CpuResult Sum(IReadOnlyList<CpuResult> cpus)
    {
        long accesses = 0, hits = 0, l2 = 0, misses = 0, shootdowns = 0, flushes = 0, switches = 0;
        long busy = 0, user = 0, idle = 0;
        foreach (CpuResult cpu in cpus)
        {
            accesses += cpu.Accesses;
            hits += cpu.TlbHits;
            l2 += cpu.TlbL2Hits;
            misses += cpu.TlbMisses;
            shootdowns += cpu.Shootdowns;
            flushes += cpu.Flushes;
            switches += cpu.ContextSwitches;
            busy += cpu.BusyNs;
            user += cpu.UserNs;
            idle += cpu.IdleNs;
        }

        return new CpuResult
        {
            Cpu = -1,
            Accesses = accesses,
            TlbHits = hits,
            TlbL2Hits = l2,
            TlbMisses = misses,
            Shootdowns = shootdowns,
            Flushes = flushes,
            ContextSwitches = switches,
            BusyNs = busy,
            UserNs = user,
            IdleNs = idle,
        };
    }
}
