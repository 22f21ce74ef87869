using System.Text;
using LinuxMem.Reporting;
using LinuxMem.Reporting.Json;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// The directory that --out names. It appears complete or not at all: its files are made in a hidden directory beside
/// it, which is renamed at the end and removed if there is no end.
/// </summary>
/// <remarks>
/// States: checked (nothing written) -> begun (hidden directory exists) -> completed. What is in the files depends on
/// the scenario, the seed and the engine's settings only, so that equal runs give equal files.
/// </remarks>
internal sealed class OutputDirectory : IResultDirectory
{
    private static readonly string[] FileNames = ["result.json", "report.txt", "vmstat", "buddyinfo"];
    private readonly string path;
    private readonly string parent;
    private readonly bool force;
    private string? unfinished;

    private OutputDirectory(string path, string parent, bool force)
    {
        this.path = path;
        this.parent = parent;
        this.force = force;
    }

    /// <summary>Checks that the directory may be made, and writes nothing.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="force">Whether an earlier result there may be replaced. Anything else is never replaced.</param>
    /// <exception cref="ConfigurationException">Something is there that is not to be replaced.</exception>
    /// <exception cref="IOException">There is no such parent directory.</exception>
    public static OutputDirectory Check(string path, bool force)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException("--out: this is not the name of a directory");
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
            throw new ConfigurationException($"--out {path}: the root directory cannot be replaced");
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"--out {path}: there is no directory {parent}");
        CheckFree(path, new DirectoryInfo(full), force);
        return new OutputDirectory(full, parent, force);
    }

    private static void CheckFree(string shown, DirectoryInfo directory, bool force)
    {
        if (File.Exists(directory.FullName) || directory.LinkTarget is not null)
            throw new ConfigurationException($"--out {shown}: this exists and is not a directory");
        if (!directory.Exists)
            return;
        if (!force)
            throw new ConfigurationException($"--out {shown}: this exists; --force replaces an earlier result");
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is not FileInfo || !FileNames.Contains(entry.Name, StringComparer.Ordinal))
            {
                throw new ConfigurationException(
                    $"--out {shown}: {entry.Name} in it is not of an earlier result; not replaced");
            }
        }
    }

    /// <summary>
    /// Makes the hidden directory, so that a place where nothing can be written is found before the run.
    /// </summary>
    public void Begin()
    {
        string name = $".{Path.GetFileName(path)}.tmp-{Environment.ProcessId}-{Path.GetRandomFileName()}";
        unfinished = Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
    }

    /// <summary>Writes the files and puts the directory in its place. Precondition: begun.</summary>
    public void Complete(RunResult result, ReplayTotals? replay)
    {
        KernelBug.Assert(unfinished is not null, "an output directory is completed after it was begun");
        WriteFile("result.json", stream => RunResultJson.Write(stream, result, wallSeconds: null, replay));
        WriteText("report.txt", text =>
            RunReportText.Write(text, result, new RunReportOptions { All = true, Replay = replay }));
        WriteText("vmstat", text => ProcFiles.WriteVmStat(text, result));
        WriteText("buddyinfo", text => ProcFiles.WriteBuddyInfo(text, result));
        string? old = null;
        if (force && Directory.Exists(path))
        {
            CheckFree(path, new DirectoryInfo(path), force);
            old = unfinished + ".old";
            Directory.Move(path, old);
        }

        Directory.Move(unfinished, path);
        unfinished = null;
        if (old is not null)
            Remove(old);
    }

    /// <summary>Removes what was begun and not completed.</summary>
    public void Dispose()
    {
        if (unfinished is null)
            return;
        Remove(unfinished);
        unfinished = null;
    }

    // Removes our own files only, and then the directory if that emptied it.
    private static void Remove(string directory)
    {
        foreach (string name in FileNames)
            File.Delete(Path.Combine(directory, name));
        Directory.Delete(directory);
    }

    private void WriteText(string name, Action<TextWriter> write) => WriteFile(name, stream =>
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        write(text);
    });

    private void WriteFile(string name, Action<Stream> write)
    {
        using var file = new FileStream(Path.Combine(unfinished!, name), FileMode.CreateNew, FileAccess.Write);
        write(file);
        file.Flush(flushToDisk: true);
    }
}
