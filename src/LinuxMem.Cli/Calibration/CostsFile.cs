using LinuxMem.Simulation;

namespace LinuxMem.Cli.Calibration;

/// <summary>A file of settings, one key=value a line, as 'linuxmem calibrate' writes it; # begins a comment.</summary>
internal static class CostsFile
{
    private const long BytesMax = 1 << 20;

    /// <summary>The settings in it, in order.</summary>
    /// <exception cref="ConfigurationException">A line is no setting, or the file is too large.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > BytesMax })
            throw new ConfigurationException($"{path}: too large for a file of costs");
        var settings = new List<string>();
        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#')[0].Trim();
            if (line.Length == 0)
                continue;
            if (line.IndexOf('=', StringComparison.Ordinal) <= 0)
                throw new ConfigurationException($"{path}:{i + 1}:1: error: expected KEY=VALUE, such as "
                    + "machine.costs.entryNs=250");
            settings.Add(line);
        }

        return settings;
    }
}
