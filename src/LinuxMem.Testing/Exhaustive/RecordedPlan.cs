using LinuxMem.Simulation.Choices;

namespace LinuxMem.Testing.Exhaustive;

/// <summary>A decision that a machine was free to make in a run.</summary>
/// <param name="Site">Where.</param>
/// <param name="Ordinal">The how-manieth there.</param>
/// <param name="Max">The greatest legal value.</param>
public readonly record struct OfferedDecision(ChoiceSite Site, long Ordinal, long Max);

/// <summary>Decides as a list says, and writes down what else could have been decided, and where the run came by.
/// </summary>
/// <param name="Decisions">The list.</param>
/// <param name="OfferedMax">How many of the first decisions are written down.</param>
internal sealed record RecordedPlan(IReadOnlyList<Decision> Decisions, int OfferedMax) : ChoicePlan
{
    /// <summary>The decisions that were asked for, in their order.</summary>
    public List<OfferedDecision> Offered { get; } = [];

    /// <summary>The digests of the history after each step.</summary>
    public List<ulong> Passed { get; } = [];

    /// <inheritdoc/>
    public override ChoiceSource Open(ulong seed) => new(new Recorder(this)) { Passes = Passed.Add };

    /// <inheritdoc/>
    public override string ToString() => Decisions.Count == 0 ? "usual" : string.Join(',', Decisions);

    private sealed class Recorder(RecordedPlan plan) : IChoiceStrategy
    {
        public long Decide(ChoiceSite site, long ordinal, long max, int actor)
        {
            if (plan.Offered.Count < plan.OfferedMax)
                plan.Offered.Add(new OfferedDecision(site, ordinal, max));
            foreach (Decision one in plan.Decisions)
            {
                if (one.Site == site && one.Ordinal == ordinal)
                    return one.Value;
            }

            return 0;
        }
    }
}
