using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Inputs;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios;

/// <summary>The scenarios that come with the program: the files of config/ that are no profiles.</summary>
public static class BuiltIn
{
    /// <summary>The scenario that runs when none is named.</summary>
    public const string DefaultName = "showcase";

    /// <summary>Their names; the default one first.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        DefaultName, "thrashing", "cow-storm", "overcommit", "panic", "file-copy", "memory-groups", "tlb-thrash",
        "fork-storm", "hotplug", "alpha", "tiny", "prefork", "threaded", "gc-storm", "buffer-pool", "bgsave",
        "arenas", "false-sharing", "ksm", "classic-i386", "classic-alpha", "classic-buffers", "fragmentation",
        "every-fault", "memory-hotplug", "bad-day", "swap-areas", "tiny-shootdown", "tiny-swap",
    ];

    /// <summary>The text of a scenario, as UTF-8.</summary>
    /// <exception cref="ConfigurationException">There is no scenario of that name.</exception>
    public static ReadOnlyMemory<byte> Open(string name)
    {
        if (Names.Contains(name) && EmbeddedConfig.Find(name) is { } bytes)
            return bytes;
        throw new ConfigurationException($"there is no built-in scenario \"{name}\"; {Suggestion.For(name, Names)}");
    }

    /// <summary>Reads a scenario, with changes as for <see cref="ScenarioReader.ReadFile"/>.</summary>
    /// <exception cref="ConfigurationException">
    /// There is no scenario of that name, or a mistake in the changes.
    /// </exception>
    public static Scenario Read(string name, IReadOnlyList<string> sets) =>
        ScenarioReader.Parse(Open(name), name, sets);
}
