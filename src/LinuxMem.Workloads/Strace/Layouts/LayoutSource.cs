using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Simulation;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>Memory maps of executables right after execve, from a file that the user names.</summary>
internal sealed class LayoutSource
{
    private readonly Dictionary<string, IReadOnlyList<ImageSegment>> byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<ImageSegment>> byName = new(StringComparer.Ordinal);

    /// <summary>Reads a file of layouts: "# PATH", then lines of /proc/PID/maps without device and inode.</summary>
    /// <param name="path">The file, plain or compressed; null for none.</param>
    /// <exception cref="ConfigurationException">A line is none of such a file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    internal static LayoutSource Read(string? path)
    {
        var source = new LayoutSource();
        if (path is null)
            return source;
        List<ImageSegment>? segments = null;
        long number = 0;
        foreach (string line in InputLines.Read(path))
        {
            number++;
            if (line.StartsWith("# ", StringComparison.Ordinal))
                segments = source.Add(line[2..].Trim());
            else if (MapsLine.TryParse(line, out ImageSegment segment) && segments is not null)
                segments.Add(segment);
            else if (line.Length > 0)
                throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                    $"{path}:{number}: neither '# PATH' nor a line of a memory map"));
        }

        return source;
    }

    /// <summary>The layout of an executable, by its path, or by its name if that is unique; null for none.</summary>
    internal IReadOnlyList<ImageSegment>? Find(string path)
    {
        if (byPath.TryGetValue(path, out var segments))
            return segments;
        if (path.StartsWith("/bin/", StringComparison.Ordinal) && byPath.TryGetValue("/usr" + path, out segments))
            return segments;
        return byName.GetValueOrDefault(NameOf(path));
    }

    private List<ImageSegment> Add(string path)
    {
        var segments = new List<ImageSegment>();
        byPath[path] = segments;
        byName[NameOf(path)] = segments;
        return segments;
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
