using System.Numerics;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Simulation.Choices;

/// <summary>Decides as a list says, and as usual elsewhere.</summary>
internal sealed class ListedStrategy : IChoiceStrategy
{
    private readonly Dictionary<(ChoiceSite, long), long> values = [];

    public ListedStrategy(IReadOnlyList<Decision> decisions)
    {
        foreach (Decision one in decisions)
            values[(one.Site, one.Ordinal)] = one.Value;
    }

    public long Decide(ChoiceSite site, long ordinal, long max, int actor) => values.GetValueOrDefault((site, ordinal));
}

/// <summary>
/// Decides at random: at each place as often as was drawn for this run, from every time to hardly ever, so that runs
/// differ in kind and not only in detail.
/// </summary>
internal sealed class RandomStrategy : IChoiceStrategy
{
    private const int RarestShift = 10;
    private readonly RandomStream[] streams;
    private readonly int[] shifts;

    public RandomStrategy(ulong seed)
    {
        int sites = Enum.GetValues<ChoiceSite>().Length;
        streams = new RandomStream[sites];
        shifts = new int[sites];
        for (int i = 0; i < sites; i++)
        {
            streams[i] = new RandomStream(RandomStream.Derive(seed, "choices", (ulong)i));
            shifts[i] = (int)streams[i].Below(RarestShift + 1);
        }
    }

    public long Decide(ChoiceSite site, long ordinal, long max, int actor)
    {
        ref RandomStream stream = ref streams[(int)site];
        return stream.Below(1UL << shifts[(int)site]) == 0 ? Amounts.Draw(ref stream, max) : 0;
    }
}

/// <summary>
/// Decides unusually at no more than so many decisions, which are drawn from the first few up to the first 16,384.
/// </summary>
internal sealed class BoundedStrategy : IChoiceStrategy
{
    private readonly HashSet<long> moments = [];
    private RandomStream stream;
    private long asked;

    public BoundedStrategy(ulong seed, int bound)
    {
        stream = new RandomStream(RandomStream.Derive(seed, "choices"));
        ulong span = 1UL << (3 + (int)stream.Below(12));
        for (int i = 0; i < bound; i++)
            moments.Add((long)stream.Below(span));
    }

    public long Decide(ChoiceSite site, long ordinal, long max, int actor) =>
        moments.Contains(asked++) ? Amounts.Draw(ref stream, max) : 0;
}

/// <summary>
/// Gives every task a priority. The lower it is, the longer the task's returns from the kernel take, and it gives way.
/// At so many points, less one, the task that is there gets the lowest.
/// </summary>
internal sealed class PriorityStrategy : IChoiceStrategy
{
    private const int Levels = 8;
    private const int LongestUnitShift = 14;
    private readonly Dictionary<int, int> lowered = [];
    private readonly HashSet<long> changes = [];
    private readonly ulong key;
    private readonly long unitNs;
    private long asked;

    public PriorityStrategy(ulong seed, int depth)
    {
        key = RandomStream.Derive(seed, "choices");
        var stream = new RandomStream(key);
        unitNs = 1L << (int)stream.Below(LongestUnitShift + 1);
        ulong span = 1UL << (3 + (int)stream.Below(12));
        for (int i = 1; i < depth; i++)
            changes.Add((long)stream.Below(span));
    }

    public long Decide(ChoiceSite site, long ordinal, long max, int actor)
    {
        if (changes.Contains(asked++))
            lowered[actor] = Levels + lowered.Count;
        int slowness = lowered.TryGetValue(actor, out int last)
            ? last : (int)(RandomStream.Derive(key, "priority", (ulong)actor) % Levels);
        return site switch
        {
            ChoiceSite.ResumeDelay => Math.Min(max, slowness * unitNs),
            ChoiceSite.Preempt => slowness >= Levels / 2 ? 1 : 0,
            _ => 0,
        };
    }
}

/// <summary>How much.</summary>
internal static class Amounts
{
    /// <summary>From 1 to max: evenly if that is little, else every order of magnitude alike.</summary>
    public static long Draw(ref RandomStream stream, long max)
    {
        if (max <= 16)
            return 1 + (long)stream.Below((ulong)max);
        int bits = (int)stream.Below((ulong)BitOperations.Log2((ulong)max) + 1);
        return Math.Min(max, (1L << bits) + (long)stream.Below(1UL << bits));
    }
}
