using LinuxMem.Simulation.Settings;

namespace LinuxMem.Reporting.Expecting;

/// <summary>An expectation, and whether it holds.</summary>
/// <param name="Expectation">What was expected.</param>
/// <param name="Problem">What is otherwise, in words; null if it holds.</param>
public sealed record ExpectationOutcome(Expectation Expectation, string? Problem)
{
    /// <summary>Whether it holds.</summary>
    public bool Holds => Problem is null;

    /// <summary>Name of the expectation, for tables and test reports.</summary>
    public string Name => $"{Expectation.Path} is {Expectation.Value}";
}
