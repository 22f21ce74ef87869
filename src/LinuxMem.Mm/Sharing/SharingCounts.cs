using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Sharing;

/// <summary>
/// How many mappings there are beyond the first of each frame, as they come and go: the frames that sharing saves.
/// </summary>
/// <remarks>Linux keeps no such counts; they follow from the mapcounts, as the audit of those does.</remarks>
public sealed class SharingCounts
{
    private long sinceNs;

    /// <summary>Of anonymous pages: shared by fork, and not copied since; or merged.</summary>
    public long AnonPages { get; private set; }

    /// <summary>Of pages of files.</summary>
    public long FilePages { get; private set; }

    /// <summary>Of pages of shared memory.</summary>
    public long ShmemPages { get; private set; }

    /// <summary>The sum of the three when it was highest.</summary>
    public long PeakPages { get; private set; }

    /// <summary>When that was first so, in nanoseconds of virtual time.</summary>
    public long PeakNs { get; private set; }

    /// <summary><see cref="AnonPages"/> added up over time: pages times nanoseconds.</summary>
    public long AnonPageNs { get; private set; }

    /// <summary>Anonymous pages, in memory or in swap, that fork had two processes share.</summary>
    public long ForkedPages { get; set; }

    /// <summary>A mapping beyond the first of its frame has come (1) or gone (-1).</summary>
    public void Change(FramePlace place, int change, long nowNs)
    {
        switch (place)
        {
            case FramePlace.Anon:
                Advance(nowNs);
                AnonPages += change;
                break;
            case FramePlace.Shmem:
                ShmemPages += change;
                break;
            case FramePlace.File:
                FilePages += change;
                break;
        }

        long pages = AnonPages + FilePages + ShmemPages;
        if (pages <= PeakPages)
            return;
        PeakPages = pages;
        PeakNs = nowNs;
    }

    /// <summary>Brings <see cref="AnonPageNs"/> to the present.</summary>
    public void Advance(long nowNs)
    {
        AnonPageNs += AnonPages * (nowNs - sinceNs);
        sinceNs = nowNs;
    }
}
