using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>The mistakes found in one input, in the order in which they were found, up to a limit.</summary>
internal sealed class Errors
{
    /// <summary>How many are listed; more are only mentioned.</summary>
    public const int Max = 20;

    private readonly List<string> messages = [];
    private bool hasMore;

    /// <summary>Whether none was found.</summary>
    public bool IsEmpty => messages.Count == 0;

    /// <summary>Adds one: what is wrong, and what was expected.</summary>
    public void Add(Position position, string what)
    {
        if (messages.Count < Max)
            messages.Add($"{position}: error: {what}");
        else
            hasMore = true;
    }

    /// <summary>Adds that a value is not what its place wants. Returns false, for a reader to pass on.</summary>
    public bool Expected(Node node, string expected)
    {
        Add(node.Position, $"{node.Label} is {node.Describe()}; expected {expected}");
        return false;
    }

    /// <summary>Throws what was found, if anything was.</summary>
    /// <param name="source">The input's name.</param>
    public void ThrowIfAny(string source)
    {
        if (IsEmpty)
            return;
        if (hasMore)
            messages.Add($"{source}: error: there are more mistakes; the first {Max} are listed");
        throw new ConfigurationException(messages);
    }
}
