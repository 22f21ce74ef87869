using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Tlb;

/// <summary>
/// Keeps the CPUs' TLBs true to the page tables: ASIDs, invalidations, shootdowns, and the frames that wait for them.
/// </summary>
/// <remarks>
/// Linux: arch/x86/mm/tlb.c: flush_tlb_mm_range, switch_mm_irqs_off, v6.18. Of the CPUs that may hold entries of an
/// address space (<see cref="Mm.AsidOnCpu"/>), the one that makes the change forgets before it resumes; one that runs
/// the address space now is interrupted and forgets when the interrupt arrives; any other, whose entries nothing can
/// use until its next switch, forgets at its next entry into the kernel. When all have, the frames are free.
/// </remarks>
public sealed class TlbCoherence
{
    /// <summary>Above so many pages a whole address space is flushed instead (tlb_single_page_flush_ceiling).</summary>
    public const ulong SinglePageFlushCeiling = 33;

    // Longer than any run, and short enough to be added up: for ever.
    private const long ForEverNs = 1_000_000_000_000_000;
    private readonly CpuTlbState[] cpus;
    private readonly KernelCosts costs;
    private readonly VmStat stat;
    private readonly List<MmuGather> all = [];
    private readonly Stack<MmuGather> spare = new();
    private readonly HashSet<int> parkedIds = [];
    private readonly Mutant mutant;
    private ShootdownFaults? faults;
    private long longestWaitNs;

    /// <summary>Coherence among so many CPUs.</summary>
    public TlbCoherence(int cpus, int asidCount, KernelCosts costs, VmStat stat, Mutant mutant = default)
    {
        this.mutant = mutant;
        this.costs = costs;
        this.stat = stat;
        this.cpus = new CpuTlbState[cpus];
        for (int i = 0; i < cpus; i++)
            this.cpus[i] = new CpuTlbState(asidCount, mutant);
    }

    /// <summary>Hears of flushes; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>Makes interrupts fail; null if nothing is to.</summary>
    public FaultInjector? Faults
    {
        get => faults?.Injector;
        set => faults = value is null ? null : new ShootdownFaults(value, cpus.Length);
    }

    /// <summary>Watches over those who wait for an answer to an interrupt.</summary>
    public CsdWatch Watch { get; } = new();

    /// <summary>
    /// Hears that pages may be seen as they were, from a moment until another, for an interrupt is late: the address
    /// space, first page, number of pages, and the two moments.
    /// </summary>
    public Action<Mm, ulong, ulong, long, long>? Late { get; set; }

    /// <summary>
    /// By how many nanoseconds an interrupt to a CPU is later than usual, asked once for each; null if none is. Set
    /// once, at boot.
    /// </summary>
    public Func<int, long>? DelayOf { get; set; }

    /// <summary>Says when a parked batch may be freed: its number and the moment.</summary>
    public Action<int, long>? GatherReady { get; set; }

    /// <summary>One CPU's state.</summary>
    public CpuTlbState this[int cpu] => cpus[cpu];

    /// <summary>The batches that wait, by number.</summary>
    public IEnumerable<MmuGather> Parked => all.Where(g => parkedIds.Contains(g.Id));

    /// <summary>Whether any frame waits for a TLB to forget it.</summary>
    public bool HasParkedFrames => parkedIds.Count > 0;

    /// <summary>
    /// The time that shootdowns have taken from a CPU since this was last asked: its task pays at its next entry.
    /// </summary>
    public long TakeInterruptsNs(int cpu)
    {
        long ns = cpus[cpu].InterruptsNs;
        cpus[cpu].InterruptsNs = 0;
        return ns;
    }

    /// <summary>A batch to collect into. End it with <see cref="Finish"/>.</summary>
    public MmuGather Begin(Mm mm)
    {
        if (!spare.TryPop(out MmuGather? gather))
        {
            gather = new MmuGather { Id = all.Count };
            all.Add(gather);
        }

        gather.MmId = mm.Id;
        return gather;
    }

    /// <summary>
    /// Ends a change of page tables made by a trap of <paramref name="cpu"/> at <paramref name="nowNs"/>: sends the
    /// invalidations and parks the frames. Returns what waiting for interrupted CPUs costs the caller, in nanoseconds.
    /// </summary>
    /// <remarks>Linux: mm/mmu_gather.c: tlb_finish_mmu; mm_types.h: mm_tlb_flush_nested, v6.18.</remarks>
    /// <param name="mm">The address space that changed.</param>
    /// <param name="gather">What was collected; not to be used afterwards.</param>
    /// <param name="cpu">The CPU whose trap it is; -1 when the kernel acts by itself.</param>
    /// <param name="nowNs">The moment of the trap.</param>
    /// <param name="everything">Whether to flush the whole address space whatever was collected.</param>
    /// <param name="atOnce">Whether CPUs that run the address space forget at this very moment; at a kernel step, when
    /// they have all come exactly as far.</param>
    /// <param name="nests">Whether it flushes everything while others of the address space wait for interrupts: what
    /// they took away may be in this CPU's TLB yet, with nothing left for it to find.</param>
    public long Finish(Mm mm, MmuGather gather, int cpu, long nowNs, bool everything = false, bool atOnce = false,
        bool nests = true)
    {
        everything |= nests && cpu >= 0 && nowNs < mm.FlushingUntilNs;
        if (!gather.HasRange && !gather.HasFrames && !everything)
        {
            Recycle(gather);
            return 0;
        }

        everything |= gather.HasRange && gather.SpanPages > SinglePageFlushCeiling;
        everything |= gather.Tables.Count > 0;
        gather.TlbGen = ++mm.TlbGen;
        gather.SentNs = gather.LatestNs = nowNs;
        gather.Cpu = Math.Max(cpu, 0);
        ulong first = everything ? 0 : gather.FirstVpn;
        ulong count = everything ? InvalidateCommand.WholeAsid : gather.SpanPages;
        int targets = 0;
        longestWaitNs = 0;
        for (int other = 0; other < cpus.Length; other++)
        {
            if (mutant == Mutant.M19 && other != cpu && other == cpus.Length - 1)
                continue;
            if (mm.AsidOnCpu[other] != Mm.NoAsid && (everything || gather.HasRange))
                targets += Order(mm, gather, other, cpu, nowNs, first, count, atOnce ? 0 : costs.IpiNs);
        }

        if (targets > 0)
            stat.Add(VmEvent.NrTlbRemoteFlush);
        Park(gather);
        long waitNs = targets == 0 ? 0 : costs.IpiNs + ((long)targets * costs.IpiTargetNs) + longestWaitNs;
        mm.FlushingUntilNs = Math.Max(mm.FlushingUntilNs, nests && cpu >= 0 ? nowNs + waitNs : 0);
        if (targets > 0)
            Trace?.Emit(Tracepoint.TlbFlush, (long)count, FlushReason.SendIpi, targets, waitNs);
        return waitNs;
    }

    /// <summary>
    /// Makes an address space the one that a CPU uses next. What must be forgotten first joins
    /// <see cref="CpuTlbState.Pending"/>. Returns the ASID.
    /// </summary>
    public ushort SwitchTo(int cpu, Mm mm, long nowNs)
    {
        CpuTlbState state = cpus[cpu];
        int asid = state.Assign(cpu, mm, out bool dirty);
        if (dirty && mutant != Mutant.M16)
        {
            // Whatever the CPU was to forget under this tag, it now forgets all of it, and no later than it was to:
            // frames may be waiting for that.
            foreach (InvalidateCommand order in state.Pending)
            {
                if (order.Asid == asid)
                    nowNs = Math.Min(nowNs, order.AtNs);
            }

            state.Pending.RemoveAll(c => c.Asid == asid);
            state.Deferred.RemoveAll(c => c.Asid == asid);
            state.Pending.Add(new InvalidateCommand(
                (ushort)asid, mm.Id, mm.TlbGen, 0, InvalidateCommand.WholeAsid, nowNs, false));
        }

        state.Loaded = mm;
        return (ushort)asid;
    }

    /// <summary>
    /// Notes that a CPU is in the kernel and resumes (or idles) at the given moment. What waited for that is carried
    /// out before it resumes, so the batches of frames that wait for this CPU are one CPU nearer to being freed.
    /// </summary>
    public void EnteredKernel(int cpu, long resumeNs, bool idles)
    {
        CpuTlbState state = cpus[cpu];
        if (idles)
            Hasten(state, resumeNs);
        if (state.Deferred.Count == 0 && state.Waiting.Count == 0)
            return;
        foreach (InvalidateCommand command in state.Deferred)
        {
            CatchUp(state, command, resumeNs);
            if (mutant != Mutant.M17)
                state.Pending.Add(command with { AtNs = resumeNs });
        }

        state.Deferred.Clear();
        foreach (MmuGather gather in state.Waiting)
        {
            gather.CpusUnknown--;
            gather.LatestNs = Math.Max(gather.LatestNs, resumeNs);
            Announce(gather);
        }

        state.Waiting.Clear();
    }

    /// <summary>
    /// The end of an address space: every CPU that may hold entries is to forget them, and its ASIDs are free again.
    /// </summary>
    public long Retire(Mm mm, MmuGather gather, int cpu, long nowNs)
    {
        long cost = Finish(mm, gather, cpu, nowNs, everything: true);
        for (int other = 0; other < cpus.Length; other++)
        {
            if (mm.AsidOnCpu[other] != Mm.NoAsid)
                cpus[other].Release(other, mm);
        }

        return cost;
    }

    /// <summary>A CPU has lost what its TLB held, with all orders to it: it begins empty.</summary>
    public void Forget(int cpu, long nowNs)
    {
        CpuTlbState state = cpus[cpu];
        Hasten(state, nowNs);
        for (int asid = 0; asid < state.AsidCount; asid++)
        {
            if (state.MmOf(asid) is not { } mm)
                continue;
            state.Pending.RemoveAll(order => order.Asid == asid);
            state.Deferred.RemoveAll(order => order.Asid == asid);
            state.LocalGen[asid] = mm.TlbGen - 1;
            state.Pending.Add(new InvalidateCommand(
                (ushort)asid, mm.Id, mm.TlbGen, 0, InvalidateCommand.WholeAsid, nowNs, false));
        }
    }

    /// <summary>A CPU goes away: it forgets everything, and no address space counts it any more.</summary>
    public void Unplug(int cpu, long nowNs)
    {
        CpuTlbState state = cpus[cpu];
        for (int asid = 0; asid < state.AsidCount; asid++)
        {
            if (state.MmOf(asid) is not { } mm)
                continue;
            state.Pending.Add(new InvalidateCommand(
                (ushort)asid, mm.Id, mm.TlbGen, 0, InvalidateCommand.WholeAsid, nowNs, false));
            state.Release(cpu, mm);
        }
    }

    /// <summary>A parked batch, to free its frames. End it with <see cref="Recycle"/>.</summary>
    public MmuGather TakeParked(int id)
    {
        KernelBug.Assert(parkedIds.Remove(id), $"I49 violated: batch {id} of unmapped frames is freed twice");
        return all[id];
    }

    /// <summary>
    /// Whether a CPU may still read a frame at a moment though its address space maps it no more: the interrupt is on
    /// its way.
    /// </summary>
    public bool IsInUse(Pfn pfn, long nowNs)
    {
        // In any order: the answer is whether there is one.
        foreach (int id in parkedIds)
        {
            if (all[id].InUseUntilNs > nowNs && all[id].Frames.Contains(pfn))
                return true;
        }

        return false;
    }

    /// <summary>Takes a batch back for another use.</summary>
    public void Recycle(MmuGather gather)
    {
        gather.Reset();
        spare.Push(gather);
    }

    private int Order(Mm mm, MmuGather gather, int other, int cpu, long nowNs, ulong first, ulong count, long delayNs)
    {
        CpuTlbState state = cpus[other];
        int asid = mm.AsidOnCpu[other];
        var command = new InvalidateCommand((ushort)asid, mm.Id, mm.TlbGen, first, count, nowNs, other != cpu);
        if (other != cpu && state.Busy && ReferenceEquals(state.Loaded, mm))
        {
            stat.Add(VmEvent.NrTlbRemoteFlushReceived);
            Interrupt(mm, gather, state, command with { AtNs = nowNs + delayNs }, other, cpu);
            return 1;
        }

        if (other == cpu)
        {
            stat.Add(count == InvalidateCommand.WholeAsid ? VmEvent.NrTlbLocalFlushAll : VmEvent.NrTlbLocalFlushOne);
            Trace?.Emit(Tracepoint.TlbFlush, (long)count, FlushReason.LocalMm);
        }

        if (other != cpu && !state.Busy)
        {
            state.Pending.Add(command);
            return 0;
        }

        state.Deferred.Add(command);
        gather.CpusUnknown++;
        state.Waiting.Add(gather);
        return 0;
    }

    // The CPU runs the address space: it forgets when the interrupt arrives, and the frames wait for its answer.
    private void Interrupt(Mm mm, MmuGather gather, CpuTlbState state, InvalidateCommand command, int other, int cpu)
    {
        long sentNs = gather.SentNs;
        IpiFate fate = default;
        if ((faults is not null || DelayOf is not null) && cpu >= 0)
        {
            fate = faults?.FateOf(other) ?? default;
            if (DelayOf is not null)
                fate = fate with { LateNs = fate.LateNs + DelayOf(other) };
            if (fate.NeverComes)
                fate = fate with { LateNs = ForEverNs };
            longestWaitNs = Math.Max(longestWaitNs, fate.WaitNs);
            command = command with { AtNs = command.AtNs + fate.LateNs };
            if (fate.Warnings > 0)
                Watch.Add(cpu, other, sentNs, faults!.TimeoutNs, fate);
            if (fate.LateNs > 0)
                Late?.Invoke(mm, command.FirstVpn, command.PageCount, sentNs, command.AtNs);
        }

        if (faults is not null || DelayOf is not null || command.AtNs == sentNs)
            CatchUp(state, command, command.AtNs);
        state.InterruptsNs += costs.IpiHandlerNs;
        state.Pending.Add(command);
        if (fate.CopyNs > 0)
        {
            state.InterruptsNs += costs.IpiHandlerNs;
            state.Pending.Add(command with { AtNs = command.AtNs + fate.CopyNs, IsCopy = true });
        }

        Trace?.EmitAt(command.AtNs, other, 0, 0, Tracepoint.TlbFlush, (long)command.PageCount, FlushReason.Remote);
        if (mutant != Mutant.M10)
            gather.LatestNs = Math.Max(gather.LatestNs, command.AtNs + fate.AckLateNs);
        gather.InUseUntilNs = Math.Max(gather.InUseUntilNs, command.AtNs);
    }

    // An idle CPU has nothing better to do: what was on its way to it takes effect at once. Without this, whether an
    // interrupt comes before or after the CPU's next task would depend on where a round ends.
    private static void Hasten(CpuTlbState state, long nowNs)
    {
        for (int i = 0; i < state.Pending.Count; i++)
            state.Pending[i] = state.Pending[i] with { AtNs = Math.Min(state.Pending[i].AtNs, nowNs) };
    }

    // A CPU that carries out a generation carries out those before it, though their interrupts are still on the way.
    // Linux: arch/x86/mm/tlb.c: flush_tlb_func catches up with the address space's generation, v6.18.
    private static void CatchUp(CpuTlbState state, in InvalidateCommand command, long nowNs)
    {
        for (int i = 0; i < state.Pending.Count; i++)
        {
            InvalidateCommand earlier = state.Pending[i];
            if (earlier.MmId == command.MmId && earlier.Gen < command.Gen && earlier.AtNs > nowNs)
                state.Pending[i] = earlier with { AtNs = nowNs };
        }
    }

    private void Park(MmuGather gather)
    {
        parkedIds.Add(gather.Id);
        Announce(gather);
    }

    private void Announce(MmuGather gather)
    {
        if (gather.CpusUnknown > 0)
            return;
        if (gather.HasFrames)
        {
            GatherReady?.Invoke(gather.Id, gather.LatestNs + 1);
            if (mutant == Mutant.M60)
                GatherReady?.Invoke(gather.Id, gather.LatestNs + 1);
            return;
        }

        parkedIds.Remove(gather.Id);
        Recycle(gather);
    }
}
