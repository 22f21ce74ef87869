using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Lackey.Cpu;

namespace LinuxMem.Workloads.Lackey;

/// <summary>All logs of a program: which processes they are of, and which of those starts the others.</summary>
internal sealed class LogSet
{
    private readonly Dictionary<int, LoggedProcess> byPid = [];
    private readonly CodeVariants variants = new();

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

    /// <summary>What natively runs in place of code of the log; null if that is the same.</summary>
    internal CodeVariants? Variants => Options.HasAvx512 ? variants : null;

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

    /// <summary>
    /// What execve is given to start a process's first image; null if it is to lie as logged, or its file is not found.
    /// </summary>
    internal SyscallOperands? OperandsOf(LoggedProcess process) => OperandsOf("", process.Logs[0]);

    /// <summary>What execve is given for the image of a log; its path, if the caller's log does not tell, is the
    /// command's.</summary>
    internal SyscallOperands? OperandsOf(string path, LackeyLog log)
    {
        List<string> words = CommandWords.Split(log.Command);
        return OperandsOf(path.Length > 0 ? path : words[0], words);
    }

    /// <summary>What execve is given for a path; null if its image is to lie as logged, or it is not found.</summary>
    internal SyscallOperands? OperandsOf(string path, IReadOnlyList<string> arguments)
    {
        if (Options.Layout != LackeyLayout.Linux || Options.Sysroot is not { } sysroot)
            return null;
        string? found = path.Contains('/') ? path : SearchPath(path, sysroot);
        if (found is null || sysroot.Find(found) is null)
        {
            Logs[0].Counts.Warn($"{path}: not found under the sysroot: its image is laid out by what it accesses");
            return null;
        }

        return new SyscallOperands
        {
            Path = found,
            Arguments = arguments,
            Environment = Options.Environment,
            FindExternal = sysroot.Find,
        };
    }

    // As execvp and valgrind look for a name without a slash.
    private string? SearchPath(string name, Sysroot sysroot)
    {
        string? path = Options.Environment.FirstOrDefault(e => e.StartsWith("PATH=", StringComparison.Ordinal));
        foreach (string folder in (path ?? "PATH=")[5..].Split(':'))
        {
            string candidate = folder + "/" + name;
            if (sysroot.Find(candidate) is { Kind: ExternalKind.Regular })
                return candidate;
        }

        return null;
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
