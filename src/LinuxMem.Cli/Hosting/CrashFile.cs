namespace LinuxMem.Cli.Hosting;

/// <summary>Keeps what a developer needs after a bug of the program, and the user's terminal does not.</summary>
internal static class CrashFile
{
    /// <summary>Writes a new file with the exception, its stack trace and the command line.</summary>
    /// <returns>The file, or null if it could not be written: a bug must not be hidden by a full disk.</returns>
    public static string? Write(string directory, Exception exception, string commandLine)
    {
        try
        {
            string path = Path.Combine(directory, $"linuxmem-crash-{Path.GetRandomFileName()}.txt");
            using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
            file.WriteLine($"linuxmem {BuildInfo.Version}");
            file.WriteLine(commandLine);
            file.WriteLine(exception);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
