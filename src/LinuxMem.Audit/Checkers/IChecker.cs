using LinuxMem.Audit.Indexes;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// One invariant, or a family that is found in one walk. A checker keeps nothing from one check to the next.
/// </summary>
internal interface IChecker
{
    /// <summary>The invariants that it checks, such as "I17".</summary>
    IReadOnlyList<string> Ids { get; }

    /// <summary>Reports every violation, in an order that depends on the snapshot alone.</summary>
    void Check(SnapshotIndex index, ViolationSink sink);
}
