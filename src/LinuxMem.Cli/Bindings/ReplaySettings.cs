using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Bindings;

/// <summary>The machine of a replay: defaults of the kind of log, changed by --set.</summary>
internal static class ReplaySettings
{
    /// <summary>Reads the defaults with the changes.</summary>
    /// <param name="defaults">A scenario as text.</param>
    /// <param name="sets">Each "key=value".</param>
    /// <exception cref="ConfigurationException">A change of something else than the machine.</exception>
    public static Scenario Read(byte[] defaults, IReadOnlyList<string> sets)
    {
        foreach (string set in sets)
        {
            bool known = set.StartsWith("machine.", StringComparison.Ordinal)
                || set.StartsWith("engine.", StringComparison.Ordinal)
                || set.StartsWith("seed=", StringComparison.Ordinal);
            if (!known)
                throw new ConfigurationException(
                    $"--set {set}: a replay has settings of machine, engine and seed only");
        }

        return ScenarioReader.Parse(defaults, "replay", sets);
    }
}
