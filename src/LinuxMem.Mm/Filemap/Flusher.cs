using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Writes dirty files to the disk in the background: those that have been dirty for long, and, above the background
/// threshold, the ones dirty for longest until it is reached.
/// </summary>
/// <remarks>
/// Linux: fs/fs-writeback.c: wb_workfn, wb_check_old_data_flush, wb_check_background_flush, v6.18. It acts in steps: at
/// each it begins so much writing that the disk has at most <see cref="PagesAtOnce"/> before it, as a full queue makes
/// the kernel thread wait; while it has work, it takes a step every <see cref="StepNs"/>.
/// </remarks>
public sealed class Flusher
{
    /// <summary>The most pages that it has under way (MIN_WRITEBACK_PAGES: 4 MiB of 4 KiB pages).</summary>
    public const int PagesAtOnce = 1024;

    /// <summary>Between two of its steps while it has work; every step is at a multiple of it.</summary>
    public const long StepNs = 50_000;

    private const long CentisecondNs = 10_000_000;
    private readonly KernelMemory memory;
    private readonly FilePages files;
    private readonly Writeback writeback;
    private readonly DirtyLimits limits;
    private readonly long intervalNs;
    private readonly long expireNs;
    private long nextPeriodNs = long.MaxValue;
    private bool isAwake;
    private bool isForReclaim;

    /// <summary>Of a machine.</summary>
    public Flusher(KernelMemory memory, FilePages files, Writeback writeback, DirtyLimits limits)
    {
        this.memory = memory;
        this.files = files;
        this.writeback = writeback;
        this.limits = limits;
        VmSettings vm = memory.Settings.Vm;
        intervalNs = vm.DirtyWritebackCentisecs * CentisecondNs;
        expireNs = vm.DirtyExpireCentisecs * CentisecondNs;
    }

    /// <summary>When it wants to take its next step; <see cref="long.MaxValue"/> if it has nothing to do.</summary>
    public long NextStepNs { get; private set; } = long.MaxValue;

    /// <summary>A file has become dirty where none was: it will be looked at after the interval.</summary>
    public void NoteDirty(long nowNs)
    {
        if (intervalNs > 0 && nextPeriodNs == long.MaxValue)
            nextPeriodNs = OnGrid(nowNs + intervalNs);
        NextStepNs = Math.Min(NextStepNs, nextPeriodNs);
    }

    /// <summary>Somebody wants dirty pages written: too many are.</summary>
    /// <remarks>Linux: wb_start_background_writeback, v6.18.</remarks>
    public void Wake(long nowNs)
    {
        if (isAwake)
            return;
        isAwake = true;
        NextStepNs = Math.Min(NextStepNs, OnGrid(nowNs + 1));
    }

    /// <summary>The same, if it is so.</summary>
    public void WakeIfMany(long nowNs)
    {
        if (limits.IsOverBackground)
            Wake(nowNs);
    }

    /// <summary>Reclaim has found dirty pages: all that is dirty is to be written.</summary>
    /// <remarks>Linux: wakeup_flusher_threads(WB_REASON_VMSCAN), v6.18.</remarks>
    public void WakeForReclaim(long nowNs)
    {
        isForReclaim = true;
        NextStepNs = Math.Min(NextStepNs, OnGrid(nowNs + 1));
    }

    /// <summary>Takes a step.</summary>
    public void Step(long nowNs)
    {
        int room = PagesAtOnce - (int)Math.Min(PagesAtOnce, memory.Stat[VmEvent.NrWriteback]);
        bool left = false;
        if (nowNs >= nextPeriodNs)
        {
            left = Write(nowNs, nowNs - expireNs, ref room);
            if (!left)
                nextPeriodNs = OnGrid(nowNs + intervalNs);
        }

        isAwake = false;
        if (limits.IsOverBackground || isForReclaim)
        {
            isForReclaim = false;
            Write(nowNs, nowNs, ref room);
            isAwake = left = limits.IsOverBackground;
        }

        files.Dirty.Sweep();
        if (!files.Dirty.Any)
            nextPeriodNs = long.MaxValue;
        NextStepNs = left ? OnGrid(nowNs + 1) : nextPeriodNs;
    }

    // Begins to write files that became dirty by a moment; true if some of that is left to do.
    private bool Write(long nowNs, long dirtiedByNs, ref int room)
    {
        var cost = default(WorkCost);
        // Placing pages makes blocks of the disk dirty: the list may grow.
        for (int i = 0; i < files.Dirty.All.Count; i++)
        {
            FileWrites file = files.Dirty.All[i];
            if (file.DirtyCount == 0 || file.DirtiedNs > dirtiedByNs)
                continue;
            if (room == 0)
                return true;
            ulong first = 0;
            room -= writeback.Start(file.Mapping, ref first, ulong.MaxValue, room, new TrapPoint(-1, nowNs), ref cost,
                out _);
            if (room == 0 && file.DirtyCount > 0)
                return true;
            file.DirtiedNs = nowNs;
        }

        return false;
    }

    private static long OnGrid(long atNs) => (atNs + StepNs - 1) / StepNs * StepNs;
}
