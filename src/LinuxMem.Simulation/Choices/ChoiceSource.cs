namespace LinuxMem.Simulation.Choices;

/// <summary>
/// The one source of a machine's decisions where it is free to decide. Every decision is asked for in the exact order
/// of the kernel's history, so that it depends on the plan and the seed alone.
/// </summary>
/// <param name="strategy">Decides.</param>
public sealed class ChoiceSource(IChoiceStrategy strategy)
{
    private static readonly int Sites = Enum.GetValues<ChoiceSite>().Length;
    private readonly long[] offered = new long[Sites];
    private readonly List<Decision> taken = [];

    /// <summary>Most decisions that are kept; a run has at most so many that are unusual.</summary>
    public const int TakenMax = 1 << 20;

    /// <summary>The decisions that were not the usual ones, in their order.</summary>
    public IReadOnlyList<Decision> Taken => taken;

    /// <summary>Hears of the digest of the history so far after each of the kernel's steps; null if nobody does.
    /// </summary>
    public Action<ulong>? Passes { get; init; }

    /// <summary>How many decisions were asked for at a place.</summary>
    public long Offered(ChoiceSite site) => offered[(int)site];

    /// <summary>How many decisions were asked for.</summary>
    public long OfferedInAll => offered.Sum();

    /// <summary>Decides.</summary>
    /// <param name="site">Where.</param>
    /// <param name="max">The greatest value that is legal; below 1 there is nothing to decide.</param>
    /// <param name="actor">Whom it concerns: a tid.</param>
    /// <returns>0, the usual, up to <paramref name="max"/>.</returns>
    public long Draw(ChoiceSite site, long max, int actor)
    {
        if (max < 1)
            return 0;
        long ordinal = offered[(int)site]++;
        long value = Math.Clamp(strategy.Decide(site, ordinal, max, actor), 0, max);
        if (value > 0 && taken.Count < TakenMax)
            taken.Add(new Decision(site, ordinal, value));
        return value;
    }
}

/// <summary>A way of deciding.</summary>
public interface IChoiceStrategy
{
    /// <summary>Decides: a value from 0, the usual, to <paramref name="max"/>.</summary>
    /// <param name="site">Where.</param>
    /// <param name="ordinal">The how-manieth decision there, from 0.</param>
    /// <param name="max">The greatest legal value, at least 1.</param>
    /// <param name="actor">Whom it concerns.</param>
    long Decide(ChoiceSite site, long ordinal, long max, int actor);
}
