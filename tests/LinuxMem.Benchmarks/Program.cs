using BenchmarkDotNet.Running;
using LinuxMem.Benchmarks.Measuring;
using LinuxMem.Benchmarks.Runs;

namespace LinuxMem.Benchmarks;

/// <summary>
/// `dotnet run -c Release --project tests/LinuxMem.Benchmarks -- NAME... [--json]`; NAME is a bench, `all`, or `bdn`
/// for the micro benches of BenchmarkDotNet (with its own options after it).
/// </summary>
internal static class Program
{
    // Those that measure memory come last: what they leave behind is no other bench's.
    private static readonly IBench[] Benches =
    [
        new TlbHitsBench(), new ScanBench(), new WalkBench(), new FaultsBench(), new ForkBench(), new SwapBench(),
        new ThreadsBench(), new ExploreBench(),
        new LackeyBench(), new ReplayBench(), new BootBench(), new ManyBench(),
    ];

    private static int Main(string[] args)
    {
        if (args is ["bdn", .. string[] rest])
        {
            BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest.Length == 0 ? ["--filter", "*"] : rest);
            return 0;
        }

        string[] names = [.. args.Where(arg => arg != "--json")];
        if (names.Length == 0 || names.Any(name => name != "all" && Find(name) is null))
            return Usage();
        var report = new Report();
        foreach (IBench bench in names.Contains("all") ? Benches : names.Select(name => Find(name)!))
        {
            report.Begin(bench.Name);
            Console.Error.WriteLine($"{bench.Name}: {bench.About}");
            bench.Run(report);
        }

        Console.Out.WriteLine(args.Contains("--json") ? report.ToJson() : report.ToTable());
        return report.MissedCount == 0 ? 0 : 1;
    }

    private static IBench? Find(string name) => Benches.FirstOrDefault(bench => bench.Name == name);

    private static int Usage()
    {
        Console.Error.WriteLine("usage: LinuxMem.Benchmarks NAME... [--json], where NAME is all, bdn or");
        foreach (IBench bench in Benches)
            Console.Error.WriteLine($"  {bench.Name,-10} {bench.About}");
        return 2;
    }
}
