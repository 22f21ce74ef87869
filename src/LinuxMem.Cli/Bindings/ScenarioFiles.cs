using System.Globalization;
using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;
using LinuxMem.Workloads.Scenarios.Generated;

namespace LinuxMem.Cli.Bindings;

/// <summary>
/// Scenarios from files, by the names of those built in, and random ones ("random:7"). A file of such a name in the
/// current directory needs a "./".
/// </summary>
internal sealed class ScenarioFiles : IScenarioSource
{
    /// <inheritdoc/>
    public IReadOnlyList<string> BuiltInNames => BuiltIn.Names;

    /// <inheritdoc/>
    public string SchemaText => ScenarioSchema.Text;

    /// <inheritdoc/>
    public Scenario Read(string? pathOrName, IReadOnlyList<string> sets)
    {
        string source = pathOrName ?? BuiltIn.DefaultName;
        Scenario scenario = ScenarioReader.Parse(Text(source), source, sets);
        ExpectationJudge.Check(scenario.Expect, CounterNames.ByKey);
        return scenario;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Text(string? pathOrName)
    {
        string source = pathOrName ?? BuiltIn.DefaultName;
        if (BuiltIn.Names.Contains(source))
            return BuiltIn.Open(source);
        if (!source.StartsWith(RandomScenario.Prefix, StringComparison.Ordinal))
            return ScenarioReader.ReadText(source);
        string number = source[RandomScenario.Prefix.Length..];
        if (!ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed))
        {
            throw new ConfigurationException(
                $"'{source}': '{number}' is no seed; expected {RandomScenario.Prefix} and a whole number");
        }

        return RandomScenario.Text(seed);
    }
}
