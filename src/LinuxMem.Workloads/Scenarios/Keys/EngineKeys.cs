using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of the simulator's own knobs.</summary>
internal static class EngineKeys
{
    private static readonly IReadOnlyList<(string, AuditLevel)> AuditLevels =
        [("off", AuditLevel.Off), ("end", AuditLevel.End), ("round", AuditLevel.Round)];

    /// <summary>The engine.</summary>
    public static Shape<EngineSettings> Shape()
    {
        var usual = new EngineSettings();
        var windowNs = Key.Optional("windowNs", new CountShape(500, TimeShape.LongestNs), (ulong)usual.WindowNs,
            "How far CPUs run ahead of each other at most, in nanoseconds. Changes no result.");
        var threads = Key.Optional("threads", new CountShape(1, 64), (ulong)usual.Threads,
            "Worker threads. Changes no result.");
        var audit = Key.Optional("audit", new ChoiceShape<AuditLevel>(AuditLevels), usual.Audit,
            "How often the invariants of the machine are checked.");
        var anySeed = new MaybeShape<ulong>(new CountShape(0, ulong.MaxValue));
        var scheduleSeed = Key.Optional<ulong?>("scheduleSeed", anySeed, null,
            "Seed of the order of messages, for tests; left out, they run in their natural order. Changes no result.");
        var anyTime = new TimeShape(1, TimeShape.LongestNs * 10);
        var maxVirtual = Key.Optional("maxVirtual", anyTime, (ulong)usual.MaxVirtualNs,
            "The run stops with an error at this virtual time.");
        var lockStatistics = Key.Optional("lockStatistics", new FlagShape(), usual.LockStatistics,
            "Whether it is counted what tasks waited for. Changes no result.");
        Key[] keys = [windowNs, threads, audit, scheduleSeed, maxVirtual, lockStatistics];
        return new ObjectShape<EngineSettings>("the engine", keys, v =>
            new EngineSettings
            {
                WindowNs = (long)v.Get(windowNs),
                Threads = (int)v.Get(threads),
                Audit = v.Get(audit),
                ScheduleSeed = v.Get(scheduleSeed),
                MaxVirtualNs = (long)v.Get(maxVirtual),
                LockStatistics = v.Get(lockStatistics),
            });
    }
}
