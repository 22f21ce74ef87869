using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm;

/// <summary>Keeps an address space's resident-set counters by the kind of frame.</summary>
public static class RssCounters
{
    /// <summary>Tells of the counter that a kind of frame belongs to.</summary>
    public static void TellRss(this Tracer trace, Mm mm, FramePlace place, int pageShift)
    {
        const int file = 0, anon = 1, shmem = 3;
        (int member, long pages) = place switch
        {
            FramePlace.Anon => (anon, mm.RssAnon),
            FramePlace.Shmem => (shmem, mm.RssShmem),
            _ => (file, mm.RssFile),
        };
        if (place is FramePlace.Anon or FramePlace.Shmem or FramePlace.File)
            trace.Emit(Tracepoint.RssStat, mm.Id, trace.MmId == mm.Id ? 1 : 0, member, pages << pageShift);
    }

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
