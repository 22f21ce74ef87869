using LinuxMem.Abi;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>100,000 processes, all alive at once with 16 pages touched each, then all exit.</summary>
internal sealed class ManyBench : IBench
{
    private const int Processes = 100_000;
    private const ulong SleepNs = 60_000_000_000;

    public string Name => "many";

    public string About => "100,000 processes alive at once, 16 touched pages each";

    public void Run(Report report)
    {
        RunResult? result = null;
        (double seconds, double peakGiB) = Measure.WithPeak(() => result = Machines.Run(
            Machines.Settings(8, 32UL << 30),
            Enumerable.Repeat<Func<IProgram>>(() => new TouchProgram(16, null, SleepNs), Processes)));
        long least = result!.Processes.Min(process => process.MinFlt);
        if (result.Processes.Count != Processes || least < 16)
            throw new InvalidOperationException($"{result.Processes.Count} processes, {least} faults at least");
        report.Add("start, touch, sleep, exit", seconds, "s");
        report.Add("a process", seconds / Processes * 1e6, "us");
        report.AddAtMost("peak memory of the simulator", peakGiB, "GiB", 8);
    }
}
