using LinuxMem.Simulation;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// A file that a command writes beside its result. It appears whole or not at all, in place of an earlier one: it is
/// written under another name in the same directory and renamed.
/// </summary>
internal sealed class ReportFile
{
    private readonly string path;

    private ReportFile(string path) => this.path = path;

    /// <summary>Checks that the file may be written, and writes nothing.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">As the user wrote it.</param>
    /// <exception cref="ConfigurationException">It is no name of a file, or something else is there.</exception>
    /// <exception cref="IOException">There is no such directory.</exception>
    public static ReportFile Check(string option, string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException($"{option}: this is not the name of a file");
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new ConfigurationException($"{option} {path}: this is a directory; expected a file");
        if (new FileInfo(full).LinkTarget is not null)
            throw new ConfigurationException($"{option} {path}: this is a symbolic link; expected a file");
        string? parent = Path.GetDirectoryName(full);
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"{option} {path}: there is no directory {parent}");
        return new ReportFile(full);
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">It cannot be written; an earlier one is as it was.</exception>
    public void Write(Action<Stream> write)
    {
        string unfinished = Path.Combine(Path.GetDirectoryName(path)!,
            $".{Path.GetFileName(path)}.tmp-{Environment.ProcessId}-{Path.GetRandomFileName()}");
        try
        {
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
