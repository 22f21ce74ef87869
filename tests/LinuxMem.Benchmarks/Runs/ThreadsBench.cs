using LinuxMem.Abi;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>Four CPUs that do nothing but access memory, simulated by one thread and by two.</summary>
internal sealed class ThreadsBench : IBench
{
    private const int Cpus = 4;
    private const long AccessesEach = 15_000_000;

    public string Name => "threads";

    public string About => "2 threads against 1 on an access-bound load";

    public void Run(Report report)
    {
        Access(1, AccessesEach / 10);
        Access(2, AccessesEach / 10);
        double one = double.MaxValue, two = double.MaxValue, both = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            one = Math.Min(one, Access(1, AccessesEach));
            two = Math.Min(two, Access(2, AccessesEach));
            both = Math.Min(both, SideBySide(AccessesEach));
        }

        report.Add("1 thread", Cpus * AccessesEach / one / 1e6, "M/s");
        report.Add("2 threads", Cpus * AccessesEach / two / 1e6, "M/s");
        // More than this the host has not to give.
        report.Add("two machines side by side over one alone", 2 * one / both, "ratio");
        if (Environment.ProcessorCount > 1)
            report.AddAtLeast("speed of 2 threads over speed of 1", one / two, "ratio", 1.8);
    }

    // Two machines of one thread each, at the same time: until the slower one is done.
    private static double SideBySide(long accesses)
    {
        double first = 0, second = 0;
        var other = new Thread(() => second = Access(1, accesses));
        other.Start();
        first = Access(1, accesses);
        other.Join();
        return Math.Max(first, second);
    }

    private static double Access(int threads, long accesses)
    {
        // Wall time for both: what is compared is what a person waits for.
        var span = new Span(Cpus);
        Machines.Run(
            Machines.Settings(Cpus, 256UL << 20),
            Enumerable.Repeat<Func<IProgram>>(() => new AccessProgram(1024, accesses, random: true, span), Cpus),
            threads);
        return span.Seconds;
    }
}
