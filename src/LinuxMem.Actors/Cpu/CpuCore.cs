using LinuxMem.Abi;
using LinuxMem.Actors.Messages;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Actors.Cpu;

/// <summary>What a CPU needs before it can go on.</summary>
public enum CpuNeed
{
    /// <summary>Nothing: it stopped, the slot is the report.</summary>
    Report,

    /// <summary>The next batch of its task.</summary>
    Batch,
}

/// <summary>
/// Runs a task on a CPU: batches through the MMU, invalidations at their moments, until something stops it.
/// </summary>
/// <remarks>
/// Where it stops, and every clock and count, is the same however the kernel cuts the run into grants. A batch of
/// accesses is asked for when the one before is done; a system call at the end of one is a stop of its own.
/// </remarks>
public sealed class CpuCore
{
    private readonly Stack<AccessBatch> spare = new();
    private readonly int pageShift;
    private readonly MessageOrder grants = new();
    private long begun;
    private long reports;
    private CpuNeed need;
    private MmContext? loadedContext;
    private TaskAccesses? loadedTask;
    private int loadedAsid = -1;

    /// <summary>A CPU of a machine with pages of 2^<paramref name="pageShift"/> bytes.</summary>
    public CpuCore(int pageShift) => this.pageShift = pageShift;

    /// <summary>The grant under way; null between a report and the next grant.</summary>
    public CpuSlot? Slot { get; private set; }

    /// <summary>Takes up a grant, unless it comes again because the actor crashed after that.</summary>
    public CpuNeed Begin(CpuSlot slot)
    {
        grants.Take(slot.GrantNumber);
        slot.GrantsOvertaken = grants.Overtaken;
        if (slot.GrantNumber == begun)
        {
            Slot = slot;
            return need;
        }

        begun = slot.GrantNumber;
        Slot = slot;
        return End(slot, Start(slot));
    }

    /// <summary>An empty batch to have filled.</summary>
    public AccessBatch EmptyBatch() => spare.TryPop(out AccessBatch? batch) ? batch : new AccessBatch(pageShift);

    /// <summary>Goes on with a batch that was filled, unless it comes again because the actor crashed after
    /// that.</summary>
    public CpuNeed Continue(BatchExchange filled)
    {
        CpuSlot slot = Slot!;
        if (filled.Batch is null)
            return need;
        slot.Batch = filled.Batch;
        filled.Batch = null;
        return End(slot, Continue(slot));
    }

    /// <summary>The report has been sent: the slot is the kernel's.</summary>
    public void Reported() => Slot = null;

    private CpuNeed End(CpuSlot slot, CpuNeed next)
    {
        if (next == CpuNeed.Report)
            slot.ReportNumber = ++reports;
        return need = next;
    }

    private CpuNeed Start(CpuSlot slot)
    {
        Apply(slot, slot.NowNs);
        if (slot.FlushOnly)
            return CpuNeed.Report;
        if (slot.Context != loadedContext || slot.Asid != loadedAsid || slot.Accesses != loadedTask)
        {
            loadedContext = slot.Context;
            loadedAsid = slot.Asid;
            loadedTask = slot.Accesses;
            slot.Mmu.Load(slot.Context!, slot.Asid, slot.Accesses!);
        }

        slot.Mmu.KnownChanges = slot.KnownChanges;
        return Continue(slot);
    }

    private CpuNeed Continue(CpuSlot slot)
    {
        CpuNeed next = RunBatch(slot);
        // What was due by now is carried out before the kernel hears of this moment: it may free the frames at the
        // next.
        if (next == CpuNeed.Report)
            Apply(slot, slot.NowNs);
        return next;
    }

    private CpuNeed RunBatch(CpuSlot slot)
    {
        while (slot.Batch is { } batch)
        {
            long nowNs = slot.NowNs;
            long untilNs = Math.Min(slot.UntilNs, NextCommandNs(slot));
            MmuStop stop = slot.Mmu.Run(batch, ref nowNs, untilNs, out MmuFault fault);
            slot.NowNs = nowNs;
            switch (stop)
            {
                case MmuStop.Fault:
                    slot.Stop = CpuStop.PageFault;
                    slot.Fault = fault;
                    return CpuNeed.Report;
                case MmuStop.Deadline when nowNs >= slot.UntilNs:
                    slot.Stop = CpuStop.Deadline;
                    return CpuNeed.Report;
                case MmuStop.Deadline:
                    Apply(slot, nowNs);
                    break;
                default:
                    if (EndBatch(slot, batch))
                        return CpuNeed.Report;
                    break;
            }
        }

        return CpuNeed.Batch;
    }

    private bool EndBatch(CpuSlot slot, AccessBatch batch)
    {
        bool call = batch.HasCall;
        if (call)
        {
            slot.Stop = CpuStop.Syscall;
            slot.Request = batch.Call;
        }

        batch.Reset();
        spare.Push(batch);
        slot.Batch = null;
        return call;
    }

    private static long NextCommandNs(CpuSlot slot)
    {
        long next = long.MaxValue;
        List<InvalidateCommand> commands = slot.Tlb.Pending;
        for (int i = 0; i < commands.Count; i++)
            next = Math.Min(next, commands[i].AtNs);
        return next;
    }

    private static void Apply(CpuSlot slot, long nowNs)
    {
        List<InvalidateCommand> commands = slot.Tlb.Pending;
        if (commands.Count == 0)
            return;
        int kept = 0;
        for (int i = 0; i < commands.Count; i++)
        {
            InvalidateCommand command = commands[i];
            if (command.AtNs > nowNs)
            {
                commands[kept++] = command;
                continue;
            }

            slot.Shootdowns += command.FromOther ? 1 : 0;
            if (command.IsCopy && slot.Tlb.HasKeptUpWith(command))
                continue;
            slot.Tlb.CarriedOut(command);
            if (command.PageCount == InvalidateCommand.WholeAsid)
                slot.Mmu.FlushAsid(command.Asid);
            else
                slot.Mmu.Invalidate(command.Asid, command.FirstVpn, command.PageCount);
        }

        commands.RemoveRange(kept, commands.Count - kept);
    }
}
