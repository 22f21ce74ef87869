using LinuxMem.Actors.Machine;
using LinuxMem.Cli.Seams;
using LinuxMem.Reporting.Expecting;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Bindings;

/// <summary>
/// Scenarios from files, or by the names of those built in. A file of that name in the current directory needs a "./".
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
        Scenario scenario =
            BuiltIn.Names.Contains(source) ? BuiltIn.Read(source, sets) : ScenarioReader.ReadFile(source, sets);
        ExpectationJudge.Check(scenario.Expect, CounterNames.ByKey);
        return scenario;
    }
}
