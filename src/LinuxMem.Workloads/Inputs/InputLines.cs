namespace LinuxMem.Workloads.Inputs;

/// <summary>The lines of a text that a user names.</summary>
internal static class InputLines
{
    /// <summary>Reads an input as lines of UTF-8.</summary>
    /// <param name="path">As for <see cref="InputFile.Open"/>.</param>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">As for <see cref="InputFile.Open"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static IEnumerable<string> Read(string path)
    {
        using Stream stream = InputFile.Open(path);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
