using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I50: when every process has ended, no address space, VMA, mapped page or page table is left, and the free
/// frames are those of the start; unmapped file pages in the cache count as free, as dropping caches frees them, and
/// shared memory with a name stays, in its own pages or in the swap cache. Verifies nothing before.
/// </summary>
internal sealed class LeakChecker : IChecker
{
    private readonly HashSet<int> named = [];
    private readonly HashSet<(int Area, uint Slot)> namedSlots = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I50"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        if (!snapshot.Engine.AllProcessesGone)
            return;
        ReportLeft(snapshot.Mms.Count, "address spaces", sink);
        ReportLeft(snapshot.Vmas.Count, "VMAs", sink);
        ReportLeft(snapshot.Ptes.Count, "mapped pages", sink);
        ReportLeft(snapshot.Tables.Count, "page tables", sink);
        long free = snapshot.PcpPages.Count;
        foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
            free += 1L << (block.Order & 31);
        FindNamed(snapshot);
        long cached = InSwapCache(index);
        for (int i = 0; i < snapshot.Frames.Count; i++)
        {
            FramePlace place = index.Uses.Places[i];
            bool stays = place == FramePlace.File
                || (place == FramePlace.Shmem && named.Contains(snapshot.Frames[i].Owner));
            if (stays && FrameUses.Mappings(index.Uses.PteUse[i]) == 0)
                cached++;
        }

        if (free + cached != snapshot.Engine.BaselineFreeFrames)
        {
            sink.Report("I50", $"every process has ended; {free} frames are free and {cached} hold pages of files or "
                + $"named memory, but {snapshot.Engine.BaselineFreeFrames} were free at the start");
        }
    }

    private void FindNamed(MachineSnapshot snapshot)
    {
        named.Clear();
        foreach (ref ObjectRecord mapped in snapshot.Objects.Items)
        {
            if (mapped.HasName)
                named.Add(mapped.MappingId);
        }

        namedSlots.Clear();
        foreach (ref SwapPteRecord entry in snapshot.SwapPtes.Items)
        {
            if (named.Contains(entry.MappingId))
                namedSlots.Add((entry.Area, entry.Slot));
        }
    }

    // A page that could not be written stays in the swap cache, and its shared memory names the slot only.
    private long InSwapCache(SnapshotIndex index)
    {
        long pages = 0;
        foreach (ref SwapSlotRecord slot in index.Snapshot.SwapSlots.Items)
        {
            int at = slot.Pfn == 0 || !namedSlots.Contains((slot.Area, slot.Slot)) ? -1 : index.Frames.Find(slot.Pfn);
            pages += at >= 0 && index.Uses.Places[at] == FramePlace.SwapCache ? 1 : 0;
        }

        return pages;
    }

    private static void ReportLeft(int count, string what, ViolationSink sink)
    {
        if (count != 0)
            sink.Report("I50", $"every process has ended, but {count} {what} are left");
    }
}
