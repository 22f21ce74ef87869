namespace LinuxMem.Simulation.Settings;

/// <summary>The names of the page replacement policies.</summary>
public static class ReplacementNames
{
    /// <summary>Linux's classic one.</summary>
    public const string Default = "two-list";

    /// <summary>The one that needs to know the future, which only reference strings tell.</summary>
    public const string Optimum = "opt";

    /// <summary>Those that a machine can have, the default first.</summary>
    public static IReadOnlyList<string> InMachines { get; } =
        [Default, "mglru", "aging", "clock", "lru", "fifo", "random"];

    /// <summary>Those for reference strings: these and the optimum.</summary>
    public static IReadOnlyList<string> All { get; } = [.. InMachines, Optimum];

    /// <summary>Checks that a machine can have a policy.</summary>
    /// <exception cref="ConfigurationException">It cannot.</exception>
    public static void Check(string name)
    {
        if (name == Optimum)
        {
            throw new ConfigurationException($"machine.replacement: \"{Optimum}\" has to know the future; it is for "
                + "reference strings (linuxmem mrc)");
        }

        if (!InMachines.Contains(name, StringComparer.Ordinal))
        {
            throw new ConfigurationException($"machine.replacement: there is no policy \"{name}\"; expected one of "
                + string.Join(", ", InMachines));
        }
    }
}
