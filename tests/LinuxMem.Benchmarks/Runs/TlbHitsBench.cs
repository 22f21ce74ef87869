using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>Random loads over 48 pages, which the first-level TLB holds: in actors, and in a plain loop.</summary>
internal sealed class TlbHitsBench : IBench
{
    private const ulong Pages = 48;
    private const long Accesses = 200_000_000;

    public string Name => "tlb-hits";

    public string About => "random accesses that hit the first-level TLB";

    public void Run(Report report)
    {
        InActors(Accesses / 10);
        Direct(Accesses / 10);
        double actors = double.MaxValue, direct = double.MaxValue;
        // In turns, so that a slow moment of the host meets both.
        for (int i = 0; i < 3; i++)
        {
            actors = Math.Min(actors, InActors(Accesses));
            direct = Math.Min(direct, Direct(Accesses));
        }

        report.AddAtLeast("in actors", Accesses / actors / 1e6, "M/s", 200);
        report.Add("without actors", Accesses / direct / 1e6, "M/s");
        report.AddAtLeast("speed in actors over speed without", direct / actors, "ratio", 0.9);
    }

    private static double InActors(long accesses)
    {
        var span = new Span();
        Machines.Run(Machines.Settings(1, 64 << 20), [() => new AccessProgram(Pages, accesses, random: true, span)]);
        return span.Seconds;
    }

    private static double Direct(long accesses)
    {
        var span = new Span();
        using var machine = new DirectMachine(64 << 20);
        machine.Run(new AccessProgram(Pages, accesses, random: true, span));
        return span.Seconds;
    }
}
