using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation.Random;

/// <summary>A seeded sequence of random numbers (xoshiro256**), the same on every machine and in every build.</summary>
/// <remarks>
/// Streams are named: <see cref="Derive(ulong, string, ulong)"/> makes the seed of a stream from the run's seed, its
/// name and an index, so that one more draw in one place moves nothing elsewhere. A struct, so that a hot loop keeps it
/// in registers; copy it knowingly, a copy repeats the original's numbers.
/// </remarks>
public struct RandomStream
{
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;

    /// <summary>A stream from a seed; any value will do.</summary>
    public RandomStream(ulong seed)
    {
        s0 = SplitMix(ref seed);
        s1 = SplitMix(ref seed);
        s2 = SplitMix(ref seed);
        s3 = SplitMix(ref seed);
    }

    /// <summary>The seed of the stream of that name and index under the run's seed.</summary>
    public static ulong Derive(ulong seed, string name, ulong index = 0)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (char c in name)
            hash = (hash ^ c) * 0x100000001b3;
        ulong state = seed ^ (hash * 0x9e3779b97f4a7c15) ^ Rotate(index * 0xd1342543de82ef95 + 1, 23);
        return SplitMix(ref state);
    }

    /// <summary>The next 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        ulong result = Rotate(s1 * 5, 7) * 9;
        ulong t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = Rotate(s3, 45);
        return result;
    }

    /// <summary>
    /// A number from 0 to <paramref name="bound"/> - 1, every one as likely to within 2^-64 of bound. Precondition:
    /// bound is not 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Below(ulong bound) => Math.BigMul(Next(), bound, out _);

    /// <summary>A number from 0 up to but not including 1, with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with the given chance out of 100.</summary>
    public bool Percent(int percent) => Below(100) < (ulong)percent;

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Rotate(ulong value, int bits) => (value << bits) | (value >> (64 - bits));
}
