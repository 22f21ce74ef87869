using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I31: the swap map's count of a slot is the number of page-table entries that name it, and the swap cache
/// holds what the map says; I32: free and used slots add up; I33: an unchanged page of the swap cache holds what its
/// slot does; I34: no entry names the slot of a page that one process has for itself.
/// </summary>
/// <remarks>Linux: mm/swapfile.c: swap_info_get, "Bad swap file entry", v6.18.</remarks>
internal sealed class SwapChecker : IChecker
{
    private readonly Dictionary<(int Area, uint Slot), int> named = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I31", "I32", "I33", "I34"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        named.Clear();
        foreach (ref SwapPteRecord pte in snapshot.SwapPtes.Items)
            named[(pte.Area, pte.Slot)] = named.GetValueOrDefault((pte.Area, pte.Slot)) + 1;
        int cached = 0;
        foreach (ref SwapSlotRecord slot in snapshot.SwapSlots.Items)
        {
            cached += slot.Pfn != 0 ? 1 : 0;
            CheckSlot(index, in slot, named.GetValueOrDefault((slot.Area, slot.Slot)), sink);
            named.Remove((slot.Area, slot.Slot));
        }

        if (named.Count > 0)
            ReportFree(snapshot, sink);
        if (snapshot.SwapTotal != snapshot.SwapFree + snapshot.SwapSlots.Count)
        {
            sink.Report("I32", $"{snapshot.SwapSlots.Count} slots of swap are used and {snapshot.SwapFree} free, of "
                + $"{snapshot.SwapTotal}");
        }

        int tagged = 0;
        foreach (ref FrameRecord frame in snapshot.Frames.Items)
            tagged += (frame.Flags & FrameFlags.SwapCached) != 0 ? 1 : 0;
        if (tagged != cached)
            sink.Report("I31", $"{tagged} frames say that they are in the swap cache, which has {cached}");
    }

    private static void CheckSlot(SnapshotIndex index, in SwapSlotRecord slot, int entries, ViolationSink sink)
    {
        if (slot.Count != entries)
            sink.Report("I31", $"{Name(in slot)} counts {slot.Count} entries that name it, and {entries} do");
        if (slot.IsCached != (slot.Pfn != 0))
        {
            sink.Report("I31",
                $"{Name(in slot)}: the swap map says cached {slot.IsCached}, the swap cache has 0x{slot.Pfn:x}");
        }


        if (slot.Pfn == 0)
        {
            if (slot.Count == 0)
                sink.Report("I32", $"{Name(in slot)} is in use, and neither an entry nor the swap cache needs it");
            return;
        }

        int at = index.Frames.Find(slot.Pfn);
        FrameRecord frame = at < 0 ? default : index.Snapshot.Frames[at];
        if (at < 0 || frame.Place is not (FramePlace.Anon or FramePlace.SwapCache or FramePlace.Shmem)
            || (frame.Flags & FrameFlags.SwapCached) == 0)
        {
            sink.Report("I31", $"{Name(in slot)} has frame 0x{slot.Pfn:x} in the swap cache, which is {frame.Place}");
            return;
        }

        if (slot.IsClean && !slot.HoldsTheSame)
            sink.Report("I33", $"{Name(in slot)} does not hold what its unchanged page in frame 0x{slot.Pfn:x} does");
        if (slot.Count > 0 && frame.MapCount > 0 && (frame.Flags & FrameFlags.AnonExclusive) != 0)
        {
            sink.Report("I34", $"{Name(in slot)} is named by {slot.Count} entries, and frame 0x{slot.Pfn:x} says that "
                + $"its page is one process's alone");
        }
    }

    private static string Name(in SwapSlotRecord slot) => $"slot {slot.Slot} of swap area {slot.Area}";

    private static void ReportFree(MachineSnapshot snapshot, ViolationSink sink)
    {
        var used = new HashSet<(int Area, uint Slot)>();
        foreach (ref SwapSlotRecord slot in snapshot.SwapSlots.Items)
            used.Add((slot.Area, slot.Slot));
        foreach (ref SwapPteRecord pte in snapshot.SwapPtes.Items)
        {
            if (!used.Contains((pte.Area, pte.Slot)))
            {
                sink.Report("I31", $"mm {pte.MmId} names slot {pte.Slot} of swap area {pte.Area}, which is free, at va "
                    + $"0x{pte.Va:x}");
            }
        }
    }
}
