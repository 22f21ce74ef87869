using System.Text;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Hosting;

/// <summary>A new directory with texts in it; it appears complete or not at all.</summary>
internal sealed class PlotDirectory
{
    private readonly string path;

    private PlotDirectory(string path) => this.path = path;

    /// <summary>Checks that the directory may be made, and writes nothing.</summary>
    /// <exception cref="ConfigurationException">Something is there.</exception>
    /// <exception cref="IOException">There is no such parent directory.</exception>
    public static PlotDirectory Check(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException("--out: this is not the name of a directory");
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null || Path.Exists(full))
            throw new ConfigurationException($"--out {path}: this exists");
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"--out {path}: there is no directory {parent}");
        return new PlotDirectory(full);
    }

    /// <summary>Makes it with the given files.</summary>
    public void Write(params (string Name, Action<TextWriter> Write)[] files)
    {
        string unfinished = $"{path}.tmp-{Environment.ProcessId}-{Path.GetRandomFileName()}";
        Directory.CreateDirectory(unfinished);
        try
        {
            foreach ((string name, Action<TextWriter> write) in files)
            {
                using var text = new StreamWriter(Path.Combine(unfinished, name), false, new UTF8Encoding(false))
                {
                    NewLine = "\n",
                };
                write(text);
            }

            Directory.Move(unfinished, path);
        }
        catch
        {
            foreach ((string name, _) in files)
                File.Delete(Path.Combine(unfinished, name));
            Directory.Delete(unfinished);
            throw;
        }
    }
}
