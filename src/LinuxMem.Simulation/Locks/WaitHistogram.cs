using System.Numerics;

namespace LinuxMem.Simulation.Locks;

/// <summary>
/// How long things took: counts by length, with a precision of one part in sixteen over the whole range of 64 bits
/// (log-linear buckets, as HdrHistogram's).
/// </summary>
public sealed class WaitHistogram
{
    private const int SubBits = 4;
    private const int Buckets = (64 - SubBits) << SubBits;
    private readonly int[] counts = new int[Buckets];

    /// <summary>How many were added.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum, in nanoseconds.</summary>
    public long TotalNs { get; private set; }

    /// <summary>The longest, in nanoseconds.</summary>
    public long MaxNs { get; private set; }

    /// <summary>Adds one; not negative.</summary>
    public void Add(long ns)
    {
        Count++;
        TotalNs += ns;
        MaxNs = Math.Max(MaxNs, ns);
        counts[BucketOf(ns)]++;
    }

    /// <summary>Adds all that another one has.</summary>
    public void Add(WaitHistogram other)
    {
        Count += other.Count;
        TotalNs += other.TotalNs;
        MaxNs = Math.Max(MaxNs, other.MaxNs);
        for (int bucket = 0; bucket < Buckets; bucket++)
            counts[bucket] += other.counts[bucket];
    }

    /// <summary>
    /// A length that so many thousandths of all do not exceed: the upper end of the bucket, at most the longest; 0 if
    /// there are none.
    /// </summary>
    public long Permille(int permille)
    {
        long rank = ((Count * permille) + 999) / 1000;
        long seen = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            seen += counts[bucket];
            if (seen >= rank && seen > 0)
                return Math.Min(MaxNs, UpperEnd(bucket));
        }

        return MaxNs;
    }

    private static int BucketOf(long ns)
    {
        if (ns < 1 << SubBits)
            return (int)ns;
        int shift = BitOperations.Log2((ulong)ns) - SubBits;
        return ((shift + 1) << SubBits) + (int)(ns >> shift) - (1 << SubBits);
    }

    private static long UpperEnd(int bucket)
    {
        if (bucket < 1 << SubBits)
            return bucket;
        int shift = (bucket >> SubBits) - 1;
        long first = (long)((bucket & ((1 << SubBits) - 1)) + (1 << SubBits)) << shift;
        return first + (1L << shift) - 1;
    }
}
