using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I14: a private page that an entry lets user mode write is mapped once and flagged exclusive; a page
/// flagged exclusive is mapped at most once; and the zero page is writable nowhere. Does not verify pins of devices,
/// of which there are none yet.
/// </summary>
/// <remarks>Linux: mm/memory.c: wp_can_reuse_anon_folio; mm/page_table_check.c, v6.18.</remarks>
internal sealed class CopyOnWriteChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I14"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        ReadOnlySpan<ulong> uses = index.Uses.PteUse;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            ulong use = uses[i];
            if (use <= 1)
                continue;
            bool isPrivate = places[i] is FramePlace.Anon or FramePlace.SwapCache;
            FrameFlags flags = frames[i].Flags;
            int ptes = FrameUses.Mappings(use);
            bool exclusive = (flags & FrameFlags.AnonExclusive) != 0;
            if (FrameUses.WritableMappings(use) > 0)
            {
                bool zeroPage = (flags & FrameFlags.ZeroPage) != 0;
                if (zeroPage || (isPrivate && (ptes > 1 || !exclusive)))
                    ReportWritable(
                        index, i, zeroPage ? "the zero page" : $"{ptes} times mapped, exclusive: {exclusive}", sink);
            }
            else if (exclusive && isPrivate && ptes > 1)
            {
                sink.Report("I14", $"frame 0x{frames[i].Pfn:x} is flagged exclusive, but mapped {ptes} times");
            }
        }
    }

    private static void ReportWritable(SnapshotIndex index, int frame, string why, ViolationSink sink)
    {
        ReadOnlySpan<int> pteFrames = index.Uses.PteFrames;
        Span<PteRecord> ptes = index.Snapshot.Ptes.Items;
        for (int i = 0; i < ptes.Length; i++)
        {
            if (pteFrames[i] != frame || (ptes[i].Bits & PteBits.Write) == 0)
                continue;
            sink.Report(
                "I14", $"frame 0x{ptes[i].Pfn:x} ({why}) is writable in mm {ptes[i].MmId} at va 0x{ptes[i].Va:x}");
            return;
        }
    }
}
