using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I44: neither virtual time, nor the count of events, nor a CPU's clock goes back from one snapshot to the
/// next. Does not verify the order of events at one time, which the digest of a run shows.
/// </summary>
internal sealed class VirtualTimeChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I44"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ref EngineRecord engine = ref index.Snapshot.Engine;
        if (engine.VirtualNs < engine.PreviousVirtualNs)
            sink.Report("I44", $"virtual time went back from {engine.PreviousVirtualNs} ns to {engine.VirtualNs} ns");
        if (engine.EventOrdinal < engine.PreviousEventOrdinal)
            sink.Report("I44", $"event {engine.EventOrdinal} came after event {engine.PreviousEventOrdinal}");
        foreach (ref CpuRecord cpu in index.Snapshot.Cpus.Items)
        {
            if (cpu.ClockNs < cpu.PreviousClockNs)
            {
                sink.Report(
                    "I44", $"the clock of cpu{cpu.Cpu} went back from {cpu.PreviousClockNs} ns to {cpu.ClockNs} ns");
            }
        }
    }
}
