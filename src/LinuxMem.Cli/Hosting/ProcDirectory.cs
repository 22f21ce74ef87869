using System.Text;
using LinuxMem.Reporting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// The directory of 'linuxmem proc': proc and sys with the texts of a machine, for tools that read those of Linux. It
/// appears complete or not at all, as <see cref="OutputDirectory"/> does.
/// </summary>
internal sealed class ProcDirectory : IResultDirectory
{
    private static readonly string[] Roots = ["proc", "sys"];
    private readonly string shown;
    private readonly string path;
    private readonly string parent;
    private readonly bool force;
    private string? unfinished;

    private ProcDirectory(string shown, string path, string parent, bool force)
    {
        this.shown = shown;
        this.path = path;
        this.parent = parent;
        this.force = force;
    }

    /// <summary>Checks that the directory may be made, and writes nothing.</summary>
    /// <param name="shown">As the user wrote it.</param>
    /// <param name="force">Whether an earlier tree there may be replaced. Anything else is never replaced.</param>
    /// <exception cref="ConfigurationException">Something is there that is not to be replaced.</exception>
    /// <exception cref="IOException">There is no such parent directory.</exception>
    public static ProcDirectory Check(string shown, bool force)
    {
        if (shown.Length == 0 || shown.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException("--out: this is not the name of a directory");
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(shown));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
            throw new ConfigurationException($"--out {shown}: the root directory cannot be replaced");
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"--out {shown}: there is no directory {parent}");
        var directory = new ProcDirectory(shown, full, parent, force);
        directory.CheckFree();
        return directory;
    }

    /// <inheritdoc/>
    public void Begin()
    {
        string name = $".{Path.GetFileName(path)}.tmp-{Environment.ProcessId}-{Path.GetRandomFileName()}";
        unfinished = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
    }

    /// <inheritdoc/>
    public void Complete(RunResult result, ReplayTotals? replay)
    {
        KernelBug.Assert(unfinished is not null && result.ProcTrees.Count > 0, "a tree is written after it was taken");
        ProcTree tree = result.ProcTrees[^1];
        foreach (KeyValuePair<string, string> file in tree.Files)
            Write(file.Key, file.Value);
        foreach (KeyValuePair<string, string> link in tree.Links)
            File.CreateSymbolicLink(Path.Combine(unfinished!, link.Key), link.Value);
        CheckFree();
        string? old = null;
        if (Directory.Exists(path))
        {
            old = unfinished + ".old";
            Directory.Move(path, old);
        }

        Directory.Move(unfinished!, path);
        unfinished = null;
        if (old is not null)
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Removes what was begun and not completed.</summary>
    public void Dispose()
    {
        if (unfinished is null)
            return;
        Directory.Delete(unfinished, recursive: true);
        unfinished = null;
    }

    private void CheckFree()
    {
        var directory = new DirectoryInfo(path);
        if (File.Exists(path) || directory.LinkTarget is not null)
            throw new ConfigurationException($"--out {shown}: this exists and is not a directory");
        if (!directory.Exists)
            return;
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
        {
            if (!force)
                throw new ConfigurationException($"--out {shown}: this is not empty; --force replaces an earlier tree");
            bool isRoot = entry is DirectoryInfo && entry.LinkTarget is null
                && Roots.Contains(entry.Name, StringComparer.Ordinal);
            if (!isRoot)
            {
                throw new ConfigurationException(
                    $"--out {shown}: {entry.Name} in it is not of an earlier tree; not replaced");
            }
        }
    }

    private void Write(string name, string text)
    {
        string file = Path.Combine(unfinished!, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text, new UTF8Encoding(false));
    }
}
