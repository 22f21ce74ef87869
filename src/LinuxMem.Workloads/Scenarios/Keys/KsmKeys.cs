using LinuxMem.Arch.Memory;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.ksm.</summary>
internal static class KsmKeys
{
    /// <summary>The key.</summary>
    public static Key<KsmSettings> Make() => Key.Optional("ksm", Shape(), new KsmSettings(),
        "The daemon that merges equal pages of programs that offer them (/sys/kernel/mm/ksm).");

    /// <summary>Pages can be compared only where something is kept of what is in them.</summary>
    public static void Check(KeyValues v, Key<KsmSettings> ksm, ContentMode contents)
    {
        if (v.Get(ksm).Run && contents == ContentMode.None)
            v.Fail(ksm, "\"ksm\" compares what is in pages, and \"contents\" is \"none\"");
    }

    private static ObjectShape<KsmSettings> Shape()
    {
        var usual = new KsmSettings();
        var run = Key.Optional("run", new FlagShape(), usual.Run, "Whether ksmd runs.");
        var pages = Key.Optional("pagesToScan", new CountShape(1, 1 << 20), (ulong)usual.PagesToScan,
            "Pages that it looks at before it sleeps.");
        var sleep = Key.Optional("sleepMillisecs", new CountShape(1, 100_000), (ulong)usual.SleepMillisecs,
            "For how long it sleeps, in milliseconds.");
        var smart = Key.Optional("smartScan", new FlagShape(), usual.SmartScan,
            "Whether pages that found no equal one are looked at less and less often.");
        return new ObjectShape<KsmSettings>("ksm", [run, pages, sleep, smart], v => new KsmSettings
        {
            Run = v.Get(run),
            PagesToScan = (int)v.Get(pages),
            SleepMillisecs = (int)v.Get(sleep),
            SmartScan = v.Get(smart),
        });
    }
}
