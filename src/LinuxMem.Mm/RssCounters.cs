using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm;

/// <summary>Keeps an address space's resident-set counters by the kind of frame.</summary>
public static class RssCounters
{
    /// <summary>Counts a frame mapped (+1) or unmapped (-1). The zero page is not counted, as in Linux.</summary>
    public static void AddRss(this Mm mm, FramePlace place, int change)
    {
        switch (place)
        {
            case FramePlace.Anon:
                mm.RssAnon += change;
                break;
            case FramePlace.Shmem:
                mm.RssShmem += change;
                break;
            case FramePlace.File:
                mm.RssFile += change;
                break;
        }
    }
}
