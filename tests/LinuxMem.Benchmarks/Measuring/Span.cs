namespace LinuxMem.Benchmarks.Measuring;

/// <summary>
/// The time from the first of several programs' starts to the last one's end, stamped by the programs themselves, so
/// that starting the machine is no part of it.
/// </summary>
/// <remarks>In CPU time where one thread runs the machine, in wall time where there are several.</remarks>
internal sealed class Span(int threads = 1)
{
    private readonly Lock gate = new();
    private long firstNs = long.MaxValue;
    private long lastNs;

    public double Seconds => (lastNs - firstNs) / 1e9;

    public void Begin()
    {
        long nowNs = Now();
        lock (gate)
            firstNs = Math.Min(firstNs, nowNs);
    }

    public void End()
    {
        long nowNs = Now();
        lock (gate)
            lastNs = Math.Max(lastNs, nowNs);
    }

    private long Now() => threads == 1 ? Clock.ThreadNs() : Clock.WallNs();
}
