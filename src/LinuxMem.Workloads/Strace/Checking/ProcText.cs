using System.Text;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>
/// Compares texts of /proc field by field, but for devices and inodes, which each machine numbers in its own way.
/// </summary>
internal static class ProcText
{
    /// <summary>Whether two texts say the same; if not, the first line of each that differs.</summary>
    internal static (bool IsEqual, string Expected, string Actual) Compare(byte[] logged, byte[] simulated)
    {
        string[] expected = Encoding.UTF8.GetString(logged).Split('\n');
        string[] actual = Encoding.UTF8.GetString(simulated).Split('\n');
        for (int i = 0; i < Math.Max(expected.Length, actual.Length); i++)
        {
            string left = i < expected.Length ? expected[i] : "(nothing)";
            string right = i < actual.Length ? actual[i] : "(nothing)";
            if (Fields(left) != Fields(right))
                return (false, left, right);
        }

        return (true, "", "");
    }

    // "7ffff7dd2000-7ffff7df8000 r--p 00000000 fe:00 409981    /usr/lib/libc.so": the fourth and fifth are left out.
    private static string Fields(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool mapping = fields.Length >= 5 && fields[0].Contains('-', StringComparison.Ordinal)
            && fields[3].Contains(':', StringComparison.Ordinal);
        if (!mapping)
            return string.Join(' ', fields);
        return string.Join(' ', fields[..3]) + " " + string.Join(' ', fields[5..]);
    }
}
