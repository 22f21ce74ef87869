using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Programs;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// A real program's lackey logs as a scenario: all its processes together, each its own accesses and memory calls.
/// </summary>
/// <remarks>
/// Processes whose parent has no log are started by init; the others where their parent's log creates them. Nothing is
/// known about the order of things in different processes but fork, execve and wait.
/// </remarks>
public sealed class LackeyReplay : IDisposable
{
    // Valgrind's own: its logs are of x86-64.
    private const int PageShift = 12;
    private readonly LogSet set;

    private LackeyReplay(LogSet set)
    {
        this.set = set;
        Scenario = MakeScenario();
    }

    /// <summary>What to run, once: the logs are read while it runs.</summary>
    public Scenario Scenario { get; }

    /// <summary>The lines read so far, over all logs.</summary>
    public LackeyTotals Totals => LackeyTotals.Of(set.Logs);

    /// <summary>The lines read so far, log by log, with its path.</summary>
    public IReadOnlyList<(string Path, LackeyCounts Counts)> Logs
    {
        get
        {
            var logs = new List<(string, LackeyCounts)>(set.Logs.Count);
            foreach (var log in set.Logs)
                logs.Add((log.Path, log.Counts));
            return logs;
        }
    }

    /// <summary>Opens logs and reads what their first lines say; nothing runs yet.</summary>
    /// <param name="paths">
    /// Files, directories of files with .log or .lackey in their names, or "-" for standard input; plain or compressed
    /// (<see cref="Inputs.InputFile"/>).
    /// </param>
    /// <param name="options">How to read and replay; null for the defaults.</param>
    /// <exception cref="ConfigurationException">No path, one that is no log, or logs that do not belong
    /// together.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static LackeyReplay Open(IReadOnlyList<string> paths, LackeyOptions? options = null)
    {
        if (paths.Count == 0)
            throw new ConfigurationException("no log to replay");
        return new LackeyReplay(new LogSet(paths, options ?? new LackeyOptions()));
    }

    /// <summary>
    /// Counts the lines that the run left unread (of processes that ended early or were never started), so that the
    /// totals are of whole logs, and says so in the warnings. Call it when the run has ended.
    /// </summary>
    /// <exception cref="ConfigurationException">A rejected line, if the options are strict.</exception>
    /// <exception cref="IOException">A log cannot be read.</exception>
    public void CountRest()
    {
        var packed = new ulong[AccessBatch.ScatterCapacityMax];
        foreach (var log in set.Logs)
        {
            if (log.IsTaken && log.Parser is null)
                continue;
            bool started = log.IsTaken;
            var parser = log.Parser ?? log.Open(set.Options.Strict, PageShift);
            long before = log.Counts.Lines;
            while (parser.Read(packed) != LackeyItem.End)
            {
            }

            log.Close();
            string why = started ? "the process ended before its log" : "no other log starts the process";
            long unread = log.Counts.Lines - before;
            if (unread > 0)
                log.Counts.Warn(string.Create(
                    CultureInfo.InvariantCulture, $"{log.Path}: {unread} lines were not replayed: {why}"));
        }
    }

    /// <summary>Closes the logs that are still open.</summary>
    public void Dispose()
    {
        foreach (var log in set.Logs)
            log.Close();
    }

    private IProgram Start(LoggedProcess root)
    {
        if (set.OperandsOf(root) is not { } operands)
            return new LackeyProgram(set, root, null);
        return new LaunchProgram(new LackeyProgram(set, root, new LinuxLayout(PageShift)), operands);
    }

    private Scenario MakeScenario()
    {
        var processes = new List<ProcessSpec>(set.Roots.Count);
        foreach (var root in set.Roots)
        {
            processes.Add(new ProcessSpec(() => Start(root))
            {
                Pid = root.Pid,
                InferMappings = true,
                KeepsVmas = set.Options.Layout == LackeyLayout.Linux,
            });
        }

        return new Scenario
        {
            Name = "replay-" + set.Roots[0].Logs[0].Comm,
            Description = "A lackey log: " + set.Roots[0].Logs[0].Command,
            Machine = new MachineSettings
            {
                Cpus = 1,
                MemoryBytes = set.Options.MemoryBytes,
                Contents = ContentMode.None,
            },
            Processes = processes,
        };
    }
}
