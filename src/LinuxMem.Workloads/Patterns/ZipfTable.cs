namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// The cumulative weights of Zipf's law for one exponent, in fixed point: the same bits on every machine.
/// </summary>
/// <remarks>
/// <see cref="Math.Pow"/> may differ in the last bit from one C library to another, and a weight decides addresses; so
/// the weights come from <see cref="ExactMath"/>. Immutable once made; 192 KiB, shared by all that use the exponent.
/// </remarks>
public sealed class ZipfTable
{
    /// <summary>The most ranks that are told apart.</summary>
    public const int RanksMax = 1 << 14;

    /// <summary>The greatest exponent, in thousandths.</summary>
    public const int ExponentThousandthsMax = 4000;

    private const double One = 1UL << 40;
    private const int GuideBits = 15;

    // cumulative[k]: sum of the weights of ranks 0 to k, in units of 2^-40 of rank 0's weight.
    private readonly ulong[] cumulative = new ulong[RanksMax];

    // guide[j]: the rank whose share of the scale contains j << guideShift; where the search begins.
    private readonly ushort[] guide;
    private readonly int guideShift;

    /// <summary>The table for an exponent from 0 (all pages equal) to 4, in thousandths.</summary>
    public ZipfTable(int exponentThousandths)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponentThousandths);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponentThousandths, ExponentThousandthsMax);
        ExponentThousandths = exponentThousandths;
        ulong sum = 0;
        for (int k = 0; k < RanksMax; k++)
        {
            double weight = ExactMath.ExpNegative(ExactMath.Ln(k + 1) * exponentThousandths / 1000.0);
            sum += Math.Max(1, (ulong)((weight * One) + 0.5));
            cumulative[k] = sum;
        }

        while (sum >> guideShift >= 1UL << GuideBits)
            guideShift++;
        guide = new ushort[(sum >> guideShift) + 1];
        int rank = 0;
        for (int j = 0; j < guide.Length; j++)
        {
            while (rank < RanksMax - 1 && cumulative[rank] <= (ulong)j << guideShift)
                rank++;
            guide[j] = (ushort)rank;
        }
    }

    /// <summary>The exponent, in thousandths.</summary>
    public int ExponentThousandths { get; }

    /// <summary>The length of the scale that the first <paramref name="ranks"/> ranks take up together.</summary>
    public ulong TotalOf(int ranks) => cumulative[ranks - 1];

    /// <summary>
    /// The rank, from 0, that covers a place on the scale. Precondition: the place is below the total of all ranks.
    /// </summary>
    public int RankAt(ulong place)
    {
        int rank = guide[(int)(place >> guideShift)];

        // Mostly none or one step is left, at random: two steps without a branch spare the processor a wrong guess.
        rank += StepFrom(rank, place);
        rank += StepFrom(rank, place);
        while (cumulative[rank] <= place)
            rank++;
        return rank;
    }

    /// <summary>1 if the place lies behind the rank, else 0.</summary>
    private int StepFrom(int rank, ulong place) => (int)((cumulative[rank] - place - 1) >> 63);
}
