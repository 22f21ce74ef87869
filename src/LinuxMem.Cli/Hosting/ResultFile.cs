using System.IO.Compression;
using LinuxMem.Simulation;

namespace LinuxMem.Cli.Hosting;

/// <summary>
/// A file that a run writes. It appears complete or not at all: it is written under a hidden name beside it, which is
/// renamed at the end. A name that ends in .gz is compressed.
/// </summary>
/// <remarks>An earlier file of that name is replaced, as a shell's redirection does.</remarks>
internal sealed class ResultFile : IDisposable
{
    private readonly string path;
    private readonly string unfinished;
    private bool complete;

    private ResultFile(string path, string unfinished)
    {
        this.path = path;
        this.unfinished = unfinished;
        var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16);
        Stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file;
    }

    /// <summary>What is written goes here.</summary>
    public Stream Stream { get; }

    /// <summary>Begins a file, so that a place where nothing can be written is found before the run.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="shown">Its name, as the user wrote it.</param>
    /// <exception cref="ConfigurationException">It cannot be the name of a file.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static ResultFile Begin(string option, string shown)
    {
        if (shown.Length == 0 || shown.Contains('\0', StringComparison.Ordinal))
            throw new ConfigurationException($"{option}: this is not the name of a file");
        string path = Path.GetFullPath(shown);
        if (Directory.Exists(path) || Path.EndsInDirectorySeparator(shown))
            throw new ConfigurationException($"{option} {shown}: this is a directory");
        string parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
            throw new DirectoryNotFoundException($"{option} {shown}: there is no directory {parent}");
        string name = $".{Path.GetFileName(path)}.tmp-{Environment.ProcessId}-{Path.GetRandomFileName()}";
        return new ResultFile(path, Path.Combine(parent, name));
    }

    /// <summary>Everything was written: the file takes its name.</summary>
    public void Complete()
    {
        Stream.Dispose();
        File.Move(unfinished, path, overwrite: true);
        complete = true;
    }

    /// <summary>Removes what was begun and not completed.</summary>
    public void Dispose()
    {
        if (complete)
            return;
        Stream.Dispose();
        File.Delete(unfinished);
    }
}
