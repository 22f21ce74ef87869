namespace LinuxMem.Simulation.Settings;

/// <summary>The tunables of /sys/kernel/mm/ksm, with Linux's defaults.</summary>
public sealed record KsmSettings
{
    /// <summary>Whether ksmd runs (run is 1).</summary>
    public bool Run { get; init; }

    /// <summary>Pages that it looks at before it sleeps (pages_to_scan).</summary>
    public int PagesToScan { get; init; } = 100;

    /// <summary>For how long it sleeps, in milliseconds, at least 1 (sleep_millisecs).</summary>
    public int SleepMillisecs { get; init; } = 20;

    /// <summary>Whether pages that found no equal one are looked at less and less often (smart_scan).</summary>
    public bool SmartScan { get; init; } = true;
}
