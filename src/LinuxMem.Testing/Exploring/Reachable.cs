using System.Globalization;
using System.Numerics;
using LinuxMem.Actors.Machine;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Testing.Exploring;

/// <summary>What runs can reach: every kind of page fault and every counter of /proc/vmstat, by name.</summary>
public static class Reachable
{
    /// <summary>The names; a record has a bit for each, in this order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. CounterNames.ByKey["faults"].Select(name => "fault " + name),
        .. CounterNames.ByKey["vmstat"],
    ];

    /// <summary>The bits of a result.</summary>
    public static string Of(RunResult result)
    {
        BigInteger bits = BigInteger.Zero;
        int index = 0;
        foreach (KeyValuePair<string, long> counter in result.FaultKinds.Concat(result.VmStat))
            bits |= counter.Value != 0 ? BigInteger.One << index++ : BigInteger.Zero << index++;
        return bits.ToString("x", CultureInfo.InvariantCulture);
    }

    /// <summary>Adds the bits of a record to the sum of how many runs have reached each.</summary>
    public static void Add(string bits, long[] runs)
    {
        if (bits.Length == 0)
            return;
        BigInteger value = BigInteger.Parse("0" + bits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        for (int i = 0; i < runs.Length; i++)
            runs[i] += (value >> i & 1) == 1 ? 1 : 0;
    }
}
