namespace LinuxMem.Simulation;

/// <summary>
/// A mistake of the user in a scenario, a setting or an option. Carries every message that was found, one a line.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>One mistake.</summary>
    public ConfigurationException(string message)
        : this([message])
    {
    }

    /// <summary>All the mistakes of one input.</summary>
    public ConfigurationException(IReadOnlyList<string> messages)
        : base(string.Join('\n', messages)) => Messages = messages;

    /// <summary>The mistakes, in the order of the input.</summary>
    public IReadOnlyList<string> Messages { get; }
}
