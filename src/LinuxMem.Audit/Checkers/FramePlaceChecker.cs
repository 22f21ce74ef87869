using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I01: each frame has exactly one place, and its tag says which: the structures in which it is found are
/// those that its tag calls for. Does not verify that free frames are left alone (I03) or that the swap cache agrees
/// (I31).
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: bad_page, page_expected_state, v6.18.</remarks>
internal sealed class FramePlaceChecker : IChecker
{
    private const FrameClaims FreeClaims = FrameClaims.Buddy | FrameClaims.Pcp;

    private static readonly Rule[] AtRest = RulesFor(quiescent: true);
    private static readonly Rule[] UnderWay = RulesFor(quiescent: false);

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I01"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<FrameClaims> claims = index.Uses.Claims;
        Rule[] rules = index.Snapshot.Engine.Quiescent ? AtRest : UnderWay;
        int count = index.Snapshot.Frames.Count;
        for (int i = 0; i < count; i++)
        {
            Rule rule = rules[(int)places[i]];
            if ((claims[i] & ~rule.Ignored) != rule.Required
                && !IsHeldBeyond(places[i], index.Snapshot.Frames[i].Flags, claims[i]))
            {
                uint pfn = index.Snapshot.Frames[i].Pfn;
                sink.Report("I01", $"frame 0x{pfn:x} is tagged {places[i]}, but found in: {claims[i]}");
            }
        }

        CheckLists(index, sink);
    }

    /// <summary>Whether a frame may be found in those lists while operations are under way.</summary>
    internal static bool IsWhereItBelongs(FramePlace place, FrameFlags flags, FrameClaims claims)
    {
        Rule rule = UnderWay[(int)place];
        return (claims & ~rule.Ignored) == rule.Required || IsHeldBeyond(place, flags, claims);
    }

    // A page that its object or process gave up while a disk reads or writes it, or a pipe has it: that has the last
    // reference.
    private static bool IsHeldBeyond(FramePlace place, FrameFlags flags, FrameClaims claims) =>
        place == FramePlace.Isolated
            && ((flags & (FrameFlags.Locked | FrameFlags.Writeback)) != 0 || (claims & FrameClaims.Lent) != 0)
            && (claims & ~(FrameClaims.ZeroMapped | FrameClaims.Lent)) == FrameClaims.None;

    /// <summary>What each tag calls for, indexed by the tag's number.</summary>

    private static Rule[] RulesFor(bool quiescent)
    {
        // That only the zero page is mapped as such is I23's; what refers to a free frame is I03's.
        const FrameClaims zero = FrameClaims.ZeroMapped;
        const FrameClaims held = zero | FrameClaims.Parked | FrameClaims.Lent;
        const FrameClaims cached = held | FrameClaims.Mapped;
        // A private page that lost its last mapping, but not its place, is held by the operation that goes on with it.
        Rule anon = quiescent
            ? new Rule(FrameClaims.Mapped, held)
            : new Rule(FrameClaims.None, held | FrameClaims.Mapped);
        Rule[] rules = new Rule[256];
        // A claim that is both required and ignored is never met: unknown tags, and that of frames without a record.
        Array.Fill(rules, new Rule(FrameClaims.Mapped, FrameClaims.Mapped));
        rules[(int)FramePlace.BuddyHead] = new Rule(FrameClaims.Buddy, ~FreeClaims);
        rules[(int)FramePlace.PerCpuList] = new Rule(FrameClaims.Pcp, ~FreeClaims);
        rules[(int)FramePlace.PageTable] = new Rule(FrameClaims.Table, zero);
        rules[(int)FramePlace.Anon] = anon;
        rules[(int)FramePlace.SwapCache] = new Rule(FrameClaims.None, held);
        rules[(int)FramePlace.Shmem] = new Rule(FrameClaims.Cache, cached);
        rules[(int)FramePlace.File] = new Rule(FrameClaims.Cache, cached);
        rules[(int)FramePlace.Isolated] = new Rule(FrameClaims.Parked, zero | FrameClaims.Lent);
        foreach (FramePlace place in (FramePlace[])[FramePlace.Kernel, FramePlace.Reserved, FramePlace.Poisoned])
            rules[(int)place] = new Rule(FrameClaims.None, zero | FrameClaims.Lent);
        return rules;
    }

    private static void CheckLists(SnapshotIndex index, ViolationSink sink)
    {
        foreach (DoubleClaim twice in index.Uses.Doubles)
        {
            // Twice among the page tables is I24's.
            if (twice.Claim != FrameClaims.Table)
            {
                sink.Report(
                    "I01", $"frame 0x{index.Snapshot.Frames[twice.Frame].Pfn:x} is there twice in: {twice.Claim}");
            }
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

    /// <summary>Where a frame with some tag must be found, and where it does not matter whether it is.</summary>
    private readonly record struct Rule(FrameClaims Required, FrameClaims Ignored);
}
