using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I49 by count: every request that was taken up has been answered once or waits, and none was answered
/// twice. Does not verify that an answer was the right one; the engine's own numbering tells which request an answer
/// is for.
/// </summary>
internal sealed class RequestChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I49"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ref EngineRecord engine = ref index.Snapshot.Engine;
        if (engine.RequestsDuplicated != 0)
            sink.Report("I49", $"{engine.RequestsDuplicated} requests had more than one effect or answer");
        if (engine.RequestsIssued != engine.RequestsCompleted + engine.RequestsInFlight)
        {
            sink.Report("I49", $"{engine.RequestsIssued} requests were taken up, {engine.RequestsCompleted} answered, "
                + $"{engine.RequestsInFlight} wait");
        }
    }
}
