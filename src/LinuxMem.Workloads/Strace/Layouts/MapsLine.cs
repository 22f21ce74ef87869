using System.Globalization;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>A line of /proc/PID/maps, with or without device and inode.</summary>
internal static class MapsLine
{
    /// <summary>Parses a line.</summary>
    internal static bool TryParse(string line, out ImageSegment segment)
    {
        segment = default;
        string[] parts = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3 || parts[1].Length != 4)
            return false;
        int dash = parts[0].IndexOf('-', StringComparison.Ordinal);
        bool ranged = dash > 0
            & ulong.TryParse(parts[0].AsSpan(0, Math.Max(0, dash)), NumberStyles.HexNumber,
                CultureInfo.InvariantCulture, out ulong start)
            & ulong.TryParse(parts[0].AsSpan(dash + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture,
                out ulong end)
            & ulong.TryParse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong offset);
        if (!ranged || end < start)
            return false;
        ProtFlags prot = (parts[1][0] == 'r' ? ProtFlags.Read : 0) | (parts[1][1] == 'w' ? ProtFlags.Write : 0)
            | (parts[1][2] == 'x' ? ProtFlags.Exec : 0);
        string name = parts.Length > 3 ? NameOf(parts[3]) : "";
        bool special = name.StartsWith('[');
        segment = new ImageSegment(start, end, prot, offset, special || name.Length == 0 ? null : name,
            special ? name : null);
        return true;
    }

    // "fe:00 409981     /usr/bin/ls" or "/usr/bin/ls".
    private static string NameOf(string rest)
    {
        if (rest.StartsWith('/') || rest.StartsWith('['))
            return rest.TrimEnd();
        string[] parts = rest.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 3 ? parts[2].TrimEnd() : "";
    }
}
