namespace LinuxMem.Cli.Calibration;

/// <summary>A median, and between what it lies with a confidence of at least 95%.</summary>
/// <remarks>
/// By order statistics, as the sign test has it: of n values that differ by chance, so many are below the median as
/// heads in n throws of a coin. Nothing is supposed of how they are spread, and a few that are far off change nothing.
/// </remarks>
/// <param name="Count">Values.</param>
/// <param name="Median">Their median.</param>
/// <param name="Low">The lower bound.</param>
/// <param name="High">The upper bound.</param>
internal readonly record struct MedianInterval(int Count, double Median, double Low, double High)
{
    private const double MostMissed = 0.05;

    /// <summary>Fewer values have no such bounds: all of six may be on one side in 1 of 32 cases.</summary>
    public const int LeastValues = 6;

    /// <summary>Half of the interval's width, as a share of the median.</summary>
    public double HalfWidth => (High - Low) / 2 / Median;

    /// <summary>Of at least <see cref="LeastValues"/> values, in any order.</summary>
    public static MedianInterval Of(IReadOnlyCollection<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Count, LeastValues);
        double[] sorted = [.. values.Order()];
        int n = sorted.Length;
        // The bounds are the k-th from either end, k as large as the tails allow.
        double term = Math.Pow(0.5, n), tail = term;
        int k = 1;
        for (; 2 * (tail + (term * (n - k + 1) / k)) <= MostMissed; k++)
        {
            term *= (double)(n - k + 1) / k;
            tail += term;
        }

        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[(n / 2) - 1] + sorted[n / 2]) / 2;
        return new MedianInterval(n, median, sorted[k - 1], sorted[n - k]);
    }
}
