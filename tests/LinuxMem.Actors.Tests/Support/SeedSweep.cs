using System.Globalization;
using Xunit.Abstractions;

namespace LinuxMem.Actors.Tests.Support;

/// <summary>
/// Goes over seeds and tells of the first ten that have a problem. LINUXMEM_CHAOS_FIRST and LINUXMEM_CHAOS_COUNT choose
/// other seeds than the usual ones.
/// </summary>
internal static class SeedSweep
{
    private const int FailuresMax = 10;

    /// <summary>Fails where <paramref name="problemOf"/> finds something to say of a seed.</summary>
    public static void Check(ITestOutputHelper output, ulong usualCount, Func<ulong, string?> problemOf)
    {
        ulong first = Setting("LINUXMEM_CHAOS_FIRST", 1);
        ulong count = Setting("LINUXMEM_CHAOS_COUNT", usualCount);
        var failures = new List<string>();
        for (ulong seed = first; seed < first + count && failures.Count < FailuresMax; seed++)
        {
            if (problemOf(seed) is { } problem)
                failures.Add($"seed {seed}: {problem}");
        }

        foreach (string failure in failures)
            output.WriteLine(failure);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static ulong Setting(string name, ulong usual) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture,
            out ulong value) ? value : usual;
}
