using LinuxMem.Benchmarks.Loads;
using LinuxMem.Benchmarks.Measuring;

namespace LinuxMem.Benchmarks.Runs;

/// <summary>Word after word through memory: one look-up a page, whatever the number of words.</summary>
internal sealed class ScanBench : IBench
{
    private const long Accesses = 4_000_000_000;

    public string Name => "runs";

    public string About => "sequential scans of 16 MiB, one look-up a page";

    public void Run(Report report)
    {
        Scan(Accesses / 10);
        report.AddAtLeast("words scanned in actors", Accesses / Measure.Best(3, () => Scan(Accesses)) / 1e6, "M/s",
            1000);
    }

    private static double Scan(long accesses)
    {
        var span = new Span();
        Machines.Run(Machines.Settings(1, 64 << 20), [() => new AccessProgram(4096, accesses, random: false, span)]);
        return span.Seconds;
    }
}
