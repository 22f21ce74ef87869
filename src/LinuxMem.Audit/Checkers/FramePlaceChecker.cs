using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I01: each frame has exactly one place, and its tag says which: the structures in which it is found are those that its
/// tag calls for. Does not verify that free frames are left alone (I03) or that the swap cache agrees, of which snapshots know nothing.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: bad_page, page_expected_state, v6.18.</remarks>
internal sealed class FramePlaceChecker : IChecker
{
    private const FrameClaims FreeClaims = FrameClaims.Buddy | FrameClaims.Pcp;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I01"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        FrameUses uses = index.Uses;
        ReadOnlySpan<FramePlace> places = uses.Places;
        ReadOnlySpan<FrameClaims> claims = uses.Claims;
        bool quiescent = index.Snapshot.Engine.Quiescent;
        int count = index.Snapshot.Frames.Count;
        for (int i = 0; i < count; i++)
        {
            FramePlace place = places[i];
            // That only the zero page is mapped as such is I23's.
            FrameClaims claim = claims[i] & ~FrameClaims.ZeroMapped;
            // What refers to a frame that both sides call free is for I03 to tell.
            if (SnapshotIndex.IsFree(place))
                claim &= FreeClaims;
            if (!Agree(place, claim, quiescent))
                sink.Report("I01", $"frame 0x{index.Snapshot.Frames[i].Pfn:x} is tagged {place}, but found in: {claim}");
        }

        CheckLists(index, sink);
    }

    private static bool Agree(FramePlace place, FrameClaims claims, bool quiescent)
    {
        const FrameClaims inGather = FrameClaims.Parked;
        return place switch
        {
            FramePlace.BuddyHead => claims == FrameClaims.Buddy,
            FramePlace.PerCpuList => claims == FrameClaims.Pcp,
            FramePlace.PageTable => claims == FrameClaims.Table,
            // A page that lost its last mapping, but not its place, is held by the operation that goes on with it.
            FramePlace.Anon or FramePlace.SwapCache => (claims & ~inGather) == FrameClaims.Mapped
                || (!quiescent && (claims & ~inGather) == FrameClaims.None),
            FramePlace.Shmem or FramePlace.File => (claims & ~(inGather | FrameClaims.Mapped)) == FrameClaims.Cache,
            FramePlace.Isolated => claims == FrameClaims.Parked,
            FramePlace.Kernel or FramePlace.Reserved or FramePlace.Poisoned => claims == FrameClaims.None,
            _ => false,
        };
    }

    private static void CheckLists(SnapshotIndex index, ViolationSink sink)
    {
        foreach (DoubleClaim twice in index.Uses.Doubles)
        {
            // Twice among the page tables is I24's.
            if (twice.Claim != FrameClaims.Table)
                sink.Report("I01", $"frame 0x{index.Snapshot.Frames[twice.Frame].Pfn:x} is there twice in: {twice.Claim}");
        }

        if ((index.Uses.Missing & FreeClaims) == 0)
            return;
        foreach (ref FreeBlockRecord block in index.Snapshot.FreeBlocks.Items)
        {
            if (index.Frames.Find(block.Pfn) < 0)
                sink.Report("I01", $"frame 0x{block.Pfn:x} heads a free block, but is not tagged so");
        }

        foreach (ref PcpPageRecord page in index.Snapshot.PcpPages.Items)
        {
            if (index.Frames.Find(page.Pfn) < 0)
                sink.Report("I01", $"frame 0x{page.Pfn:x} is on a list of cpu{page.Cpu}, but is not tagged so");
        }
    }
}
