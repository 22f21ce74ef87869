using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of the machine that tune how files are read ahead and written back.</summary>
internal sealed record DirtyKeys(
    Key<ulong> ReadAheadKb,
    Key<ulong> Ratio,
    Key<ulong> BackgroundRatio,
    Key<ulong> WritebackCentisecs,
    Key<ulong> ExpireCentisecs)
{
    /// <summary>The keys in their order.</summary>
    public IReadOnlyList<Key> All => [ReadAheadKb, Ratio, BackgroundRatio, WritebackCentisecs, ExpireCentisecs];

    /// <summary>The keys with Linux's defaults.</summary>
    public static DirtyKeys Make()
    {
        var usual = new VmSettings();
        return new DirtyKeys(
            Key.Optional("readAheadKb", new CountShape(0, 8192), (ulong)usual.ReadAheadKb,
                "read_ahead_kb of the disk that files lie on: how much is read ahead, in KiB."),
            Key.Optional("dirtyRatio", new CountShape(0, 100), (ulong)usual.DirtyRatio,
                "vm.dirty_ratio: percent of dirtyable memory above which writers wait for the disk."),
            Key.Optional("dirtyBackgroundRatio", new CountShape(0, 100), (ulong)usual.DirtyBackgroundRatio,
                "vm.dirty_background_ratio: percent of dirtyable memory above which the flusher writes."),
            Key.Optional("dirtyWritebackCentisecs", new CountShape(0, 360_000), (ulong)usual.DirtyWritebackCentisecs,
                "vm.dirty_writeback_centisecs: how often the flusher looks for old dirty pages; 0 for never."),
            Key.Optional("dirtyExpireCentisecs", new CountShape(0, 360_000), (ulong)usual.DirtyExpireCentisecs,
                "vm.dirty_expire_centisecs: after which dirty pages are old."));
    }
}
