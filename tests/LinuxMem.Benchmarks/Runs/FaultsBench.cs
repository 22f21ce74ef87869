using LinuxMem.Abi;
using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>First touches by 8 CPUs, each fault through the whole machine; and by the host's own kernel.</summary>
internal sealed class FaultsBench : IBench
{
    private const int Cpus = 8;
    private const int PagesEach = 1 << 16;

    public string Name => "faults";

    public string About => "first-touch faults, 8 CPUs";

    public void Run(Report report)
    {
        InActors(PagesEach / 8);
        const int Faults = Cpus * PagesEach;
        double actorSeconds = double.MaxValue, directSeconds = double.MaxValue;
        // In turns, so that a slow moment of the host meets both.
        for (int i = 0; i < 6; i++)
        {
            actorSeconds = Math.Min(actorSeconds, InActors(PagesEach));
            directSeconds = Math.Min(directSeconds, Direct());
        }

        double rate = Faults / actorSeconds;
        double direct = Faults / directSeconds;
        double host = HostFaults.PerSecond(1 << 17);
        report.AddAtLeast("in actors", rate / 1e6, "M/s", 1.5);
        report.Add("by the kernel's code alone, no actors", direct / 1e6, "M/s");
        report.Add("by the host, one thread", host / 1e6, "M/s");
        report.Add("in actors over the host", rate / host, "ratio");
    }

    private static double InActors(int pagesEach)
    {
        var span = new Span();
        Machines.Run(
            Machines.Settings(Cpus, 4UL << 30),
            Enumerable.Repeat<Func<IProgram>>(() => new TouchProgram((ulong)pagesEach, span), Cpus));
        return span.Seconds;
    }

    private static double Direct()
    {
        var span = new Span();
        using var machine = new DirectMachine(4UL << 30);
        machine.Run(new TouchProgram(Cpus * PagesEach, span));
        return span.Seconds;
    }
}
