using System.Numerics;

namespace LinuxMem.Simulation.Sched;

/// <summary>A set of CPUs: which ones a task may run on, which ones are there. Immutable.</summary>
/// <remarks>Linux: include/linux/cpumask_types.h: struct cpumask, v6.18.</remarks>
public sealed class CpuMask
{
    private readonly ulong[] words;

    /// <summary>From words of 64 CPUs each, the lowest first.</summary>
    public CpuMask(ReadOnlySpan<ulong> words) => this.words = words.ToArray();

    /// <summary>The CPUs from 0 to <paramref name="cpus"/> - 1.</summary>
    public static CpuMask All(int cpus)
    {
        var words = new ulong[(cpus + 63) / 64];
        for (int cpu = 0; cpu < cpus; cpu++)
            words[cpu >> 6] |= 1UL << (cpu & 63);
        return new CpuMask(words);
    }

    /// <summary>Some CPUs.</summary>
    public static CpuMask Of(params IEnumerable<int> cpus)
    {
        var words = new List<ulong>();
        foreach (int cpu in cpus)
        {
            while (words.Count <= cpu >> 6)
                words.Add(0);
            words[cpu >> 6] |= 1UL << (cpu & 63);
        }

        return new CpuMask(words.ToArray());
    }

    /// <summary>How many CPUs it has.</summary>
    public int Count => words.Sum(BitOperations.PopCount);

    /// <summary>64 CPUs, from 64 times the index on; 0 beyond the end.</summary>
    public ulong Word(int index) => index < words.Length ? words[index] : 0;

    /// <summary>Whether a CPU is in it.</summary>
    public bool Has(int cpu) => (Word(cpu >> 6) >> (cpu & 63) & 1) != 0;

    /// <summary>What it has in common with another.</summary>
    public CpuMask And(CpuMask other)
    {
        var both = new ulong[words.Length];
        for (int i = 0; i < both.Length; i++)
            both[i] = words[i] & other.Word(i);
        return new CpuMask(both);
    }

    /// <summary>With a CPU, or without it.</summary>
    public CpuMask With(int cpu, bool isIn)
    {
        var changed = new ulong[Math.Max(words.Length, (cpu >> 6) + 1)];
        words.CopyTo(changed, 0);
        ulong bit = 1UL << (cpu & 63);
        changed[cpu >> 6] = isIn ? changed[cpu >> 6] | bit : changed[cpu >> 6] & ~bit;
        return new CpuMask(changed);
    }
}
