using System.Diagnostics;

namespace LinuxMem.Benchmarks.Measuring;

/// <summary>
/// The time from the first of several programs' starts to the last one's end, stamped by the programs themselves, so
/// that starting the machine is no part of it.
/// </summary>
internal sealed class Span
{
    private long first = long.MaxValue;
    private long last;

    public double Seconds => Stopwatch.GetElapsedTime(first, last).TotalSeconds;

    public void Begin() => InterlockedMin(Stopwatch.GetTimestamp());

    public void End()
    {
        long now = Stopwatch.GetTimestamp();
        for (long seen = last; now > seen; seen = last)
            Interlocked.CompareExchange(ref last, now, seen);
    }

    private void InterlockedMin(long now)
    {
        for (long seen = first; now < seen; seen = first)
            Interlocked.CompareExchange(ref first, now, seen);
    }
}
