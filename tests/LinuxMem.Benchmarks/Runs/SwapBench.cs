using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>Eight processes that together access four times RAM at random, with contents, and swap on an NVMe
/// drive.</summary>
internal sealed class SwapBench : IBench
{
    private const int Cpus = 8;
    private const ulong MemoryBytes = 64UL << 20;
    private const ulong PagesEach = 4 * (MemoryBytes >> 12) / Cpus;
    private const long AccessesEach = 40_000;

    public string Name => "swap";

    public string About => "four times RAM accessed at random, 2 threads";

    public void Run(Report report)
    {
        Swap(AccessesEach / 20, threads: 2, out _);
        double wall = BestOf(threads: 2, out RunResult? result);
        report.AddAtLeast("major faults, the filling of swap included", wall / 1e3, "k/s", 150);
        double cpu = BestOf(threads: 1, out _);
        report.Add("the same on one thread, by its CPU time", cpu / 1e3, "k/s");
        report.Add("pages written to swap", Of(result!, "pswpout"), "pages");
        report.Add("pages read from swap", Of(result!, "pswpin"), "pages");
    }

    private static double BestOf(int threads, out RunResult? result)
    {
        double best = 0;
        result = null;
        for (int i = 0; i < 3; i++)
        {
            double seconds = Swap(AccessesEach, threads, out RunResult run);
            best = Math.Max(best, Of(run, "pgmajfault") / seconds);
            result = run;
        }

        return best;
    }

    private static double Of(RunResult result, string counter) => result.VmStat.First(c => c.Key == counter).Value;

    private static double Swap(long accesses, int threads, out RunResult result)
    {
        var unused = new Span(Cpus);
        MachineSettings machine = Machines.Settings(Cpus, MemoryBytes) with
        {
            Contents = ContentMode.Tags,
            Disks = [BlockDeviceSettings.Nvme],
            Swap = [new SwapAreaSettings { Pages = 1 << 17 }],
        };
        var span = new Span(threads);
        span.Begin();
        result = Machines.Run(machine, Enumerable.Repeat<Func<IProgram>>(
            () => new AccessProgram(PagesEach, accesses, random: true, unused), Cpus), threads);
        span.End();
        return span.Seconds;
    }
}
