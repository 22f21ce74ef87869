namespace LinuxMem.Cli.Calibration;

/// <summary>Measures a host round by round until its ratios are known well enough, or it has had its time.</summary>
/// <param name="measure">Runs so many rounds of hostscale.c; what it prints.</param>
internal sealed class HostScaleSession(Func<int, CancellationToken, string> measure)
{
    private const int RoundsAtOnce = 12;

    /// <summary>Rounds at most: about half a second each.</summary>
    public const int RoundsMost = 120;

    /// <summary>Well enough: half of the interval's width as a share of the ratio.</summary>
    public const double WidthMost = 0.06;

    /// <summary>Measures.</summary>
    /// <exception cref="IOException">The host cannot be measured.</exception>
    /// <exception cref="InvalidDataException">The program prints something else.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public HostScale Run(CancellationToken cancel)
    {
        var host = new HostScale();
        do
        {
            host.Add(measure(RoundsAtOnce, cancel));
        }
        while (host.Refusal is null && host.Rounds < RoundsMost && !host.Tests.All(test => IsKnown(host, test)));

        return host;
    }

    private static bool IsKnown(HostScale host, string test) =>
        host.Ratio(new(test, "threads", 2), new(test, "processes", 2)) is { HalfWidth: <= WidthMost };
}
