using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Filemap;

/// <summary>Lets a call that writes wait where too much is dirty, and wakes the flusher.</summary>
/// <remarks>Linux: mm/page-writeback.c: balance_dirty_pages_ratelimited, v6.18.</remarks>
public sealed class WriterPauses
{
    private readonly DirtyThrottle throttle;
    private readonly Flusher flusher;

    /// <summary>With the machine's throttle and flusher.</summary>
    public WriterPauses(DirtyThrottle throttle, Flusher flusher)
    {
        this.throttle = throttle;
        this.flusher = flusher;
    }

    /// <summary>Waits as long as it takes.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call)
    {
        while (true)
        {
            long pause = throttle.Pause(call.Task, call.At.NowNs, out bool again, out bool wakes);
            if (wakes)
                flusher.Wake(call.At.NowNs);
            if (pause == 0)
                yield break;
            call.IsThrottled = true;
            call.WakeAtNs = call.At.NowNs + pause;
            yield return PageLookup.Wait;
            if (!again || call.Task.GroupExiting)
                yield break;
        }
    }
}
