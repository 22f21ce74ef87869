using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Seams;

/// <summary>Where scenarios come from: files and those built in.</summary>
internal interface IScenarioSource
{
    /// <summary>The names of the scenarios that are built in, in the order to list them.</summary>
    IReadOnlyList<string> BuiltInNames { get; }

    /// <summary>The JSON Schema of a scenario file.</summary>
    string SchemaText { get; }

    /// <summary>Reads and checks a scenario.</summary>
    /// <param name="pathOrName">A file, or the name of one that is built in; null for the one that shows
    /// everything.</param>
    /// <param name="sets">Settings to change first, each "key=value".</param>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">What is wrong with it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    Scenario Read(string? pathOrName, IReadOnlyList<string> sets);

    /// <summary>The text of a scenario, as UTF-8, unchecked.</summary>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">There is no such scenario.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    ReadOnlyMemory<byte> Text(string? pathOrName);
}
