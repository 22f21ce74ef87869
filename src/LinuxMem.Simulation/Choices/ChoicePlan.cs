using System.Globalization;

namespace LinuxMem.Simulation.Choices;

/// <summary>How a machine's decisions are made where it is free: a strategy by name, or a list of decisions.</summary>
/// <remarks>
/// Texts: "random"; "pct:3" (priorities that change at 2 points: Burckhardt and others, "A randomized scheduler with
/// probabilistic guarantees of finding bugs", 2010, carried over to virtual time); "delay:2" (at most 2 unusual
/// decisions); a list such as "placement@12=1,resume-delay@340=5000"; "usual" for none.
/// </remarks>
public abstract record ChoicePlan
{
    /// <summary>What texts there are, for messages.</summary>
    public const string Expected =
        "\"usual\", \"random\", \"pct:N\", \"delay:N\" (N from 1 to 100), or decisions such as \"placement@12=1\"";

    private const int BoundMax = 100;
    private const int DecisionsMax = 100_000;

    /// <summary>Opens the plan for a run of a seed.</summary>
    public abstract ChoiceSource Open(ulong seed);

    /// <summary>A plan of exactly these decisions.</summary>
    public static ChoicePlan Of(IEnumerable<Decision> decisions) => new Listed([.. decisions]);

    /// <summary>Reads a plan; null if the text is none, and for "usual".</summary>
    /// <param name="text">The text.</param>
    /// <param name="isSound">Whether it is one.</param>
    public static ChoicePlan? Parse(string text, out bool isSound)
    {
        isSound = true;
        string[] parts = text.Split(':');
        int bound = 0;
        bool hasBound = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture,
            out bound) && bound is >= 1 and <= BoundMax;
        switch (parts[0])
        {
            case "usual" when parts.Length == 1:
                return null;
            case "random" when parts.Length == 1:
                return new Named(text, seed => new RandomStrategy(seed));
            case "pct" when hasBound:
                return new Named(text, seed => new PriorityStrategy(seed, bound));
            case "delay" when hasBound:
                return new Named(text, seed => new BoundedStrategy(seed, bound));
        }

        string[] items = text.Split(',');
        Decision?[] decisions = [.. items.Take(DecisionsMax + 1).Select(Decision.Parse)];
        isSound = decisions.Length <= DecisionsMax && decisions.All(one => one is not null);
        return isSound ? Of(decisions.Select(one => one!.Value)) : null;
    }

    private sealed record Named(string Text, Func<ulong, IChoiceStrategy> Make) : ChoicePlan
    {
        public override ChoiceSource Open(ulong seed) => new(Make(seed));

        public override string ToString() => Text;
    }

    private sealed record Listed(IReadOnlyList<Decision> Decisions) : ChoicePlan
    {
        public override ChoiceSource Open(ulong seed) => new(new ListedStrategy(Decisions));

        public override string ToString() => Decisions.Count == 0 ? "usual" : string.Join(',', Decisions);
    }
}
