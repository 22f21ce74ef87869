using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>A machine of 1 TiB from power on to the exit of its only process.</summary>
internal sealed class BootBench : IBench
{
    public string Name => "boot";

    public string About => "a machine of 1 TiB";

    public void Run(Report report)
    {
        (double seconds, double peakGiB) = Measure.WithPeak(() =>
            Machines.Run(Machines.Settings(4, 1UL << 40), [() => new TouchProgram(16, null)]));
        report.AddAtMost("boot, a small process, power off", seconds, "s", 3);
        report.AddAtMost("peak memory of the simulator", peakGiB, "GiB", 9);
    }
}
