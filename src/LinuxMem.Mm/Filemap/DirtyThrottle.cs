using System.Numerics;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Slows tasks down that make pages dirty faster than the disk writes them, so that the dirty pages stay around the
/// middle between where throttling begins and the limit.
/// </summary>
/// <remarks>
/// Linux: mm/page-writeback.c: balance_dirty_pages, pos_ratio_polynom, wb_update_dirty_ratelimit,
/// wb_update_write_bandwidth, v6.18, for one disk: its own share of the limit, strict limits and cgroups are left out,
/// and the longest pause is always MAX_PAUSE.
/// </remarks>
public sealed class DirtyThrottle
{
    /// <summary>The longest pause (MAX_PAUSE, HZ / 5).</summary>
    public const long PauseMaxNs = 200_000_000;

    /// <summary>Shorter pauses are saved up (the start of wb_min_pause, HZ / 100).</summary>
    public const long PauseMinNs = 10_000_000;

    /// <summary>Pages that a task may make dirty before it looks for the first time (nr_dirtied_pause, 128 KiB).
    /// </summary>
    public const int FirstPausePages = 32;

    /// <summary>
    /// Pages that a task may make dirty between two pauses where the limit is passed (32 KiB): a store whose page was
    /// cleaned during the pause comes through.
    /// </summary>
    public const int ExceededPages = 8;

    private const long SecondNs = 1_000_000_000;
    private const long BandwidthIntervalNs = 200_000_000;
    private const long BandwidthPeriodNs = 3_000_000_000;
    private const int RatioShift = 10;
    private readonly KernelMemory memory;
    private readonly DirtyLimits limits;
    private readonly long countingErrorPages;
    private long bandwidth;
    private long rateLimit;
    private long balanced;
    private long stampNs;
    private long writtenStamp;
    private long dirtiedStamp;

    /// <summary>Of a machine; bandwidth is 100 MB/s until it is measured (INIT_BW).</summary>
    public DirtyThrottle(KernelMemory memory, DirtyLimits limits)
    {
        this.memory = memory;
        this.limits = limits;
        // wb_stat_error: WB_STAT_BATCH for each CPU.
        int cpus = memory.Settings.Cpus;
        countingErrorPages = cpus * 8L * (1 + BitOperations.Log2((uint)cpus));
        bandwidth = rateLimit = balanced = (100L << 20) >> memory.Geometry.PageShift;
    }

    /// <summary>What the disk is believed to write, in pages a second.</summary>
    public long BandwidthPages => bandwidth;

    /// <summary>Notes a page that a task made dirty; true if it is time for it to look (<see cref="Pause"/>).</summary>
    public static bool CountsUp(TaskStruct task) => ++task.NrDirtied >= task.NrDirtiedPause;

    /// <summary>
    /// How long a task that made pages dirty has to wait now, in nanoseconds; 0 if it may go on at once.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="nowNs">The present.</param>
    /// <param name="again">Whether it has to look once more after that: the limit is passed.</param>
    /// <param name="wakesFlusher">Whether the flusher is to write.</param>
    public long Pause(TaskStruct task, long nowNs, out bool again, out bool wakesFlusher)
    {
        again = false;
        wakesFlusher = limits.IsOverBackground;
        long threshold = limits.ThresholdPages;
        long freerun = (threshold + limits.BackgroundPages) / 2;
        long dirty = limits.DirtyPages;
        if (dirty <= freerun)
        {
            task.NrDirtied = 0;
            task.DirtyPausedNs = nowNs;
            task.NrDirtiedPause = PollInterval(dirty, threshold);
            return 0;
        }

        long setpoint = (freerun + threshold) / 2;
        long ratio = Ratio(setpoint, dirty, threshold);
        if (nowNs - stampNs >= BandwidthIntervalNs)
            Measure(nowNs, dirty, setpoint, ratio);
        long taskRate = (rateLimit * ratio) >> RatioShift;
        long period = taskRate == 0 ? PauseMaxNs : task.NrDirtied * SecondNs / taskRate;
        long pause = taskRate == 0 ? PauseMaxNs : period - Math.Max(0, nowNs - task.DirtyPausedNs);
        // So few may be an error of counting: one pause is enough then.
        again = taskRate == 0 && dirty > countingErrorPages;
        if (pause < PauseMinNs && taskRate != 0)
        {
            // Saved up for later, or forgotten if it is long ago (pause below -HZ).
            task.DirtyPausedNs = pause < -SecondNs ? nowNs : task.DirtyPausedNs + period;
            task.NrDirtied = 0;
            task.NrDirtiedPause = Math.Max(1, (int)Math.Min(FirstPausePages, taskRate * PauseMinNs / SecondNs));
            return 0;
        }

        task.NrDirtied = 0;
        if (taskRate == 0)
            task.NrDirtiedPause = Math.Max(task.NrDirtiedPause, ExceededPages);
        task.DirtyPausedNs = nowNs + Math.Min(pause, PauseMaxNs);
        return Math.Min(pause, PauseMaxNs);
    }

    // 1 at the setpoint, 2 far below it, 0 at the limit and above; in 1024ths.
    private static long Ratio(long setpoint, long dirty, long limit)
    {
        if (dirty >= limit)
            return 0;
        long x = ((setpoint - dirty) << RatioShift) / ((limit - setpoint) | 1);
        long ratio = (x * x) >> RatioShift;
        ratio = (ratio * x) >> RatioShift;
        return Math.Clamp(ratio + (1 << RatioShift), 0, 2 << RatioShift);
    }

    private static int PollInterval(long dirty, long threshold) =>
        threshold > dirty ? 1 << (BitOperations.Log2((ulong)(threshold - dirty)) / 2) : 1;

    private void Measure(long nowNs, long dirty, long setpoint, long ratio)
    {
        long written = memory.Stat[VmEvent.NrWritten];
        long dirtied = memory.Stat[VmEvent.NrDirtied];
        long elapsed = nowNs - stampNs;
        if (stampNs > 0)
        {
            long part = Math.Min(elapsed, BandwidthPeriodNs);
            long measured = (long)((Int128)(written - writtenStamp) * SecondNs / elapsed);
            bandwidth = Math.Max(1, (long)((((Int128)measured * part)
                + ((Int128)bandwidth * (BandwidthPeriodNs - part))) / BandwidthPeriodNs));
            UpdateRate((long)((Int128)(dirtied - dirtiedStamp) * SecondNs / elapsed), dirty, setpoint, ratio);
        }

        stampNs = nowNs;
        writtenStamp = written;
        dirtiedStamp = dirtied;
    }

    private void UpdateRate(long dirtyRate, long dirty, long setpoint, long ratio)
    {
        long taskRate = ((rateLimit * ratio) >> RatioShift) + 1;
        long now = Math.Min(bandwidth, (long)((Int128)taskRate * bandwidth / (dirtyRate | 1)));
        long step = 0;
        if (dirty < setpoint)
            step = Math.Max(0, Math.Min(balanced, Math.Min(now, taskRate)) - rateLimit);
        else
            step = Math.Max(0, rateLimit - Math.Max(balanced, Math.Max(now, taskRate)));
        long shift = rateLimit / ((2 * step) + 1);
        step = shift < 64 ? ((step >> (int)shift) + 7) / 8 : 0;
        rateLimit = Math.Max(1, rateLimit < now ? rateLimit + step : rateLimit - step);
        balanced = now;
    }
}
