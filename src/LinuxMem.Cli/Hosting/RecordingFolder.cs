namespace LinuxMem.Cli.Hosting;

/// <summary>A folder for a recording, with a name of its own, removed with all that is in it.</summary>
internal sealed class RecordingFolder : IDisposable
{
    private readonly string path;

    /// <summary>Makes the folder; nobody else may read it.</summary>
    /// <param name="parent">Where temporary files go.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public RecordingFolder(string parent)
    {
        path = Path.Combine(parent, "linuxmem-diff-" + Path.GetRandomFileName());
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The log of the recording; it is not there yet.</summary>
    public string Log => Path.Combine(path, "diff.strace");

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The program itself has cleaned up there.
        }
    }
}
