using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>Random loads over 1 GiB, nearly each a walk: in actors, and by a loop written for this one case.</summary>
internal sealed class WalkBench : IBench
{
    private const ulong Pages = 1 << 18;
    private const long Accesses = 30_000_000;

    public string Name => "walk";

    public string About => "random accesses over 1 GiB, a page walk each";

    public void Run(Report report)
    {
        using var walker = new HandWalker(Pages);
        walker.Run(Accesses / 10);
        double actors = double.MaxValue, hand = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            actors = Math.Min(actors, InActors());
            hand = Math.Min(hand, Measure.Seconds(() => walker.Run(Accesses)));
        }

        report.Add("in actors", Accesses / actors / 1e6, "M/s");
        report.Add("by hand", Accesses / hand / 1e6, "M/s");
        report.AddAtMost("time in actors over time by hand", actors / hand, "ratio", 1.5);
    }

    private static double InActors()
    {
        var span = new Span();
        Machines.Run(
            Machines.Settings(1, 1280UL << 20), [() => new AccessProgram(Pages, Accesses, random: true, span)]);
        return span.Seconds;
    }
}
