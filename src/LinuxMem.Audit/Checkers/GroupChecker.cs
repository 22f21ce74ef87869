using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I51: a memory cgroup counts exactly the frames and slots of swap that it and the groups below pay for, no
/// more than it may have, and nobody pays for a free frame. Of the root, which also counts what nobody pays for,
/// nothing is verified.
/// </summary>
/// <remarks>Linux: mm/memcontrol.c: uncharge_folio; mm/page_counter.c, v6.18.</remarks>
internal sealed class GroupChecker : IChecker
{
    private long[] frames = [];
    private long[] slots = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I51"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        Span<GroupRecord> groups = index.Snapshot.Groups.Items;
        if (groups.IsEmpty)
            return;
        if (frames.Length < groups.Length)
            (frames, slots) = (new long[groups.Length], new long[groups.Length]);
        for (int i = groups.Length - 1; i > 0; i--)
        {
            ref GroupRecord group = ref groups[i];
            if (group.Id != i || group.Parent < 0 || group.Parent >= i)
                throw new MalformedSnapshotException($"group {group.Id} in {group.Parent} stands at place {i}");
            frames[i] += group.Frames;
            slots[i] += group.Slots;
            if (group.UsageCounter != frames[i] || group.SwapCounter != slots[i])
            {
                sink.Report("I51", $"memory cgroup {i} counts {group.UsageCounter} frames and {group.SwapCounter} "
                    + $"slots of swap; it and those below pay for {frames[i]} and {slots[i]}");
            }

            if (group.UsageCounter > group.Max || group.SwapCounter > group.SwapMax)
            {
                sink.Report("I51", $"memory cgroup {i} has {group.UsageCounter} frames of at most {group.Max}, "
                    + $"{group.SwapCounter} slots of swap of at most {group.SwapMax}");
            }

            if (group.FreeFrames != 0)
                sink.Report("I51", $"memory cgroup {i} pays for {group.FreeFrames} frames that are free");
            frames[group.Parent] += frames[i];
            slots[group.Parent] += slots[i];
        }

        Array.Clear(frames);
        Array.Clear(slots);
    }
}
