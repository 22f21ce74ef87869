using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LinuxMem.Benchmarks.Measuring;

/// <summary>
/// The CPU time of the calling thread, in nanoseconds: what else the host does meanwhile is no part of it. Wall time
/// where the host has no such clock.
/// </summary>
internal static class Clock
{
    private const int ThreadCpuTime = 3;

    public static long ThreadNs()
    {
        if (!OperatingSystem.IsLinux() || GetTime(ThreadCpuTime, out TimeSpec now) != 0)
            return WallNs();
        return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
    }

    public static long WallNs() => (long)Stopwatch.GetElapsedTime(0).TotalNanoseconds;

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
