using LinuxMem.Abi;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Workloads.Reboots;

/// <summary>What came of starting machines from what a disk held when the power was cut.</summary>
/// <param name="Reboots">Machines started.</param>
/// <param name="FilesRead">Files that they have read, from the first byte to the last.</param>
/// <param name="PromisesKept">Promised pages that were compared, sector by sector.</param>
/// <param name="Violations">What is not as it may be; the first hundred.</param>
public sealed record RebootResult(int Reboots, long FilesRead, long PromisesKept, IReadOnlyList<string> Violations);

/// <summary>
/// After every cut of the power a machine is started from the disk as it was, with writes that were under way done in
/// part: what was promised is there, and a kernel that knows nothing of before reads every file, audited at every
/// round.
/// </summary>
/// <param name="scenario">What was run; its machine is started again.</param>
/// <param name="run">Runs a scenario to its end.</param>
public sealed class RebootSweep(Scenario scenario, Func<Scenario, RunResult> run)
{
    private const int ListedMax = 100;
    private readonly List<string> violations = [];
    private long filesRead, promises;

    /// <summary>
    /// Compares what was promised after every cut, and starts a machine after so many of them at most, spread evenly.
    /// Reports each.
    /// </summary>
    public RebootResult Run(PowerCutMedium medium, int most = int.MaxValue, Action<int, int>? progress = null)
    {
        int step = Math.Max(1, (medium.Cuts.Count + most - 1) / most), reboots = 0;
        for (int cut = 0; cut < medium.Cuts.Count; cut++)
        {
            SortedDictionary<ulong, byte[]> disk = DiskAfter(medium, cut);
            if (cut % step == 0)
            {
                reboots++;
                Reboot(medium.Cuts[cut], cut, disk);
            }

            progress?.Invoke(cut + 1, medium.Cuts.Count);
        }

        return new RebootResult(reboots, filesRead, promises, violations);
    }

    private SortedDictionary<ulong, byte[]> DiskAfter(PowerCutMedium medium, int cut)
    {
        CutThen then = medium.Cuts[cut];
        var torn = new RandomStream(RandomStream.Derive(scenario.Seed, "torn", (ulong)cut));
        var disk = new SortedDictionary<ulong, byte[]>();
        foreach (FileThen file in then.Files)
        {
            foreach ((_, ulong sector) in file.Pages)
            {
                if (!disk.ContainsKey(sector) && medium.PageAfter(cut, sector, ref torn) is { } page)
                    disk.Add(sector, page);
            }
        }

        foreach (PromiseThen promise in then.Promises)
        {
            promises++;
            if (medium.Problem(cut, promise, disk.GetValueOrDefault(promise.Sector)) is { } problem)
                Note($"I38 violated: started from the disk as it was at {then.AtNs} ns, {problem}");
        }

        return disk;
    }

    private void Reboot(CutThen then, int cut, SortedDictionary<ulong, byte[]> disk)
    {
        FileThen[] files = [.. then.Files.Where(file => file.SizeBytes > 0)];
        if (files.Length == 0)
            return;
        filesRead += files.Length;
        var reader = new ReadBackProgram([.. files.Select(file => (file.Path, FileOf(file, disk)))]);
        RunResult result = run(scenario with
        {
            Name = $"{scenario.Name} after cut {cut + 1}",
            Engine = scenario.Engine with { Audit = AuditLevel.Round },
            Faults = new FaultSettings(),
            Hotplug = [],
            Expect = [],
            EndNs = null,
            Processes = [new ProcessSpec(() => reader)],
        });
        foreach (string violation in result.Audit.Violations)
            Note($"started from the disk as it was at {then.AtNs} ns: {violation}");
        if (reader.Failure is { } failure)
            Note($"started from the disk as it was at {then.AtNs} ns: {failure}");
    }

    private ExternalFile FileOf(FileThen file, SortedDictionary<ulong, byte[]> disk)
    {
        var pages = file.Pages.ToDictionary(page => page.Index, page => page.Sector);
        int pageBytes = 1 << scenario.Machine.Paging.PageShift;
        return new ExternalFile(ExternalKind.Regular, file.SizeBytes, (from, into) =>
        {
            into.Span.Clear();
            for (int done = 0; done < into.Length;)
            {
                ulong at = from + (ulong)done;
                int offset = (int)(at % (ulong)pageBytes);
                int count = Math.Min(pageBytes - offset, into.Length - done);
                if (pages.TryGetValue((uint)(at / (ulong)pageBytes), out ulong sector)
                    && disk.TryGetValue(sector, out byte[]? page))
                    page.AsSpan(offset, count).CopyTo(into.Span[done..]);
                done += count;
            }

            return into.Length;
        });
    }

    private void Note(string violation)
    {
        if (violations.Count < ListedMax)
            violations.Add(violation);
    }
}
