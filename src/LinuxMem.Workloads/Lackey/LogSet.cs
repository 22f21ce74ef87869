using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Lackey;

/// <summary>All logs of a program: which processes they are of, and which of those starts the others.</summary>
internal sealed class LogSet
{
    private readonly Dictionary<int, LoggedProcess> byPid = [];

    /// <summary>Looks at the logs' first lines and puts them together. Preconditions: at least one path.</summary>
    internal LogSet(IReadOnlyList<string> paths, LackeyOptions options)
    {
        Options = options;
        var logs = new List<LackeyLog>();
        try
        {
            foreach (string path in Expand(paths))
                logs.Add(LackeyLog.Inspect(path, options.StandardInput));
        }
        catch
        {
            logs.ForEach(log => log.Close());
            throw;
        }

        Logs = logs;
        Group();
        Roots = FindRoots();
    }

    internal LackeyOptions Options { get; }

    /// <summary>The logs in the order in which they were given.</summary>
    internal IReadOnlyList<LackeyLog> Logs { get; }

    /// <summary>The processes in the order of their first logs.</summary>
    internal List<LoggedProcess> Processes { get; } = [];

    /// <summary>The processes whose parents have no log.</summary>
    internal IReadOnlyList<LoggedProcess> Roots { get; }

    /// <summary>
    /// The process that <paramref name="parent"/> created as <paramref name="pid"/>, for it to run; null if there is no
    /// log of it.
    /// </summary>
    /// <remarks>
    /// Programs call this from several threads. Only the logged parent gets a process, so that nobody else can be in
    /// the race.
    /// </remarks>
    internal LoggedProcess? TakeChild(int pid, int parent)
    {
        if (!byPid.TryGetValue(pid, out var process) || process.IsTaken || process.ParentPid != parent)
            return null;
        process.IsTaken = true;
        return process;
    }

    private static List<string> Expand(IReadOnlyList<string> paths)
    {
        var all = new List<string>();
        foreach (string path in paths)
        {
            if (path != InputFile.StandardInput && Directory.Exists(path))
                all.AddRange(LogsIn(path));
            else
                all.Add(path);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in all)
        {
            string full = path == InputFile.StandardInput ? path : Path.GetFullPath(path);
            if (!seen.Add(full))
                throw new ConfigurationException($"{path}: given twice");
        }

        return all;
    }

    private static List<string> LogsIn(string directory)
    {
        var found = new List<string>();
        foreach (string path in Directory.GetFiles(directory))
        {
            string name = Path.GetFileName(path);
            if (name.Contains(".log", StringComparison.Ordinal) || name.Contains(".lackey", StringComparison.Ordinal))
                found.Add(path);
        }

        if (found.Count == 0)
            throw new ConfigurationException($"{directory}: has no file with .log or .lackey in its name");
        found.Sort(StringComparer.Ordinal);
        return found;
    }

    private void Group()
    {
        foreach (var log in Logs)
        {
            // Without a pid there is nothing to put together.
            if (log.Pid == 0 || !byPid.TryGetValue(log.Pid, out var process))
            {
                process = new LoggedProcess(log.Pid);
                Processes.Add(process);
                if (log.Pid != 0)
                    byPid.Add(log.Pid, process);
            }

            process.Logs.Add(log);
        }

        foreach (var process in Processes)
            process.Logs.Sort(LoggedProcess.InOrderOfTime);
    }

    private List<LoggedProcess> FindRoots()
    {
        var roots = new List<LoggedProcess>();
        foreach (var process in Processes)
        {
            if (process.Pid == 0 || !byPid.ContainsKey(process.ParentPid))
                roots.Add(process);
        }

        if (roots.Count == 0)
            throw new ConfigurationException("every log has its parent among the others: none is the first");
        roots.ForEach(root => root.IsTaken = true);
        return roots;
    }
}
