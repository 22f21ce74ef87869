using System.Globalization;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Tests.Lackey;

/// <summary>Counts a real log's lines with string code that knows nothing of odd cases.</summary>
internal sealed record NaiveCount(long Lines, long Accesses, long Calls, long Notes, long Crossing, int MemoryCalls)
{
    public static NaiveCount Of(string path)
    {
        long lines = 0, accesses = 0, calls = 0, notes = 0, crossing = 0;
        int memoryCalls = 0;
        using var reader = new StreamReader(InputFile.Open(path));
        while (reader.ReadLine() is { } line)
        {
            lines++;
            bool isData = line.StartsWith(' ') && "LSM".Contains(line[1], StringComparison.Ordinal);
            if (isData || line.StartsWith("I  ", StringComparison.Ordinal))
            {
                accesses++;
                string[] parts = line[3..].Split(',');
                ulong va = ulong.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                ulong last = va + ulong.Parse(parts[1], CultureInfo.InvariantCulture) - 1;
                crossing += va / 4096 == last / 4096 ? 0 : 1;
            }
            else if (line.StartsWith("SYSCALL", StringComparison.Ordinal)
                && !line.Contains("... [async]", StringComparison.Ordinal))
            {
                calls++;
                if (line.Contains("sys_m", StringComparison.Ordinal))
                    memoryCalls++;
            }
            else
            {
                notes++;
            }
        }

        return new NaiveCount(lines, accesses, calls, notes, crossing, memoryCalls);
    }
}
