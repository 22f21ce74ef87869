namespace LinuxMem.Reporting;

/// <summary>What a report says beside the result itself.</summary>
public sealed record RunReportOptions
{
    /// <summary>
    /// Seconds of real time that the run took; null leaves them out, so that equal runs give equal texts.
    /// </summary>
    public double? WallSeconds { get; init; }

    /// <summary>Whether long tables are printed whole instead of their most telling rows.</summary>
    public bool All { get; init; }

    /// <summary>Whether the locks are listed in full, even if nobody waited for one.</summary>
    public bool Locks { get; init; }

    /// <summary>The line accounting, if the run replayed logs.</summary>
    public ReplayTotals? Replay { get; init; }
}
