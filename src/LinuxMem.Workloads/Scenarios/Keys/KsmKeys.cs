using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.ksm.</summary>
internal static class KsmKeys
{
    /// <summary>The object.</summary>
    public static Shape<KsmSettings> Shape()
    {
        var usual = new KsmSettings();
        var run = Key.Optional("run", new FlagShape(), usual.Run, "Whether ksmd runs.");
        var pages = Key.Optional("pagesToScan", new CountShape(1, 1 << 20), (ulong)usual.PagesToScan,
            "Pages that it looks at before it sleeps.");
        var sleep = Key.Optional("sleepMillisecs", new CountShape(1, 100_000), (ulong)usual.SleepMillisecs,
            "For how long it sleeps, in milliseconds.");
        return new ObjectShape<KsmSettings>("ksm", [run, pages, sleep], v => new KsmSettings
        {
            Run = v.Get(run),
            PagesToScan = (int)v.Get(pages),
            SleepMillisecs = (int)v.Get(sleep),
        });
    }
}
