using System.Diagnostics.CodeAnalysis;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Carries the stores and loads of the CPUs' logs out on RAM, in the order of (virtual time, CPU): as a store buffer
/// does, but one order for the machine, whatever the window.
/// </summary>
public sealed class ContentCommitter
{
    private readonly PhysicalMemory ram;
    private readonly CpuState[] cpus;
    private readonly IContentObserver? observer;
    private Digest digest;

    /// <summary>Over a machine's RAM and CPUs; an observer checks every value.</summary>
    public ContentCommitter(PhysicalMemory ram, CpuState[] cpus, IContentObserver? observer)
    {
        this.ram = ram;
        this.cpus = cpus;
        this.observer = observer;
    }

    /// <summary>Digest over every value loaded and stored, in order.</summary>
    public ulong DigestValue => digest.Value;

    /// <summary>Carries out what comes before the step of <paramref name="cpu"/> (-1: an event) at a moment.</summary>
    public void CommitBefore(long atNs, int cpu)
    {
        if (ram.Contents == ContentMode.None)
            return;
        while (Earliest(out CpuState? earliest, out long othersNs))
        {
            // A stretch of one CPU's log that no other CPU's comes between; of equal moments the lower CPU is first.
            ReadOnlySpan<ContentOp> ops = earliest.Slot.Mmu.Log.Ops;
            int first = earliest.CommittedOps;
            int next = first;
            while (next < ops.Length && IsBefore(ops[next].TimeNs, earliest)
                && (next == first || ops[next].TimeNs < othersNs))
                Commit(ops[next++]);
            earliest.CommittedOps = next;
            Forget(earliest, earliest.Slot.Mmu.Log);
            if (next == first)
                return;
        }

        bool IsBefore(long timeNs, CpuState state) => timeNs < atNs || (timeNs == atNs && state.Slot.Cpu <= cpu);
    }

    private bool Earliest([NotNullWhen(true)] out CpuState? earliest, out long othersNs)
    {
        earliest = null;
        long earliestNs = long.MaxValue;
        othersNs = long.MaxValue;
        foreach (CpuState state in cpus)
        {
            ReadOnlySpan<ContentOp> ops = state.Slot.Mmu.Log.Ops;
            if (state.CommittedOps >= ops.Length)
                continue;
            long timeNs = ops[state.CommittedOps].TimeNs;
            if (timeNs < earliestNs)
            {
                othersNs = earliestNs;
                earliestNs = timeNs;
                earliest = state;
            }
            else
            {
                othersNs = Math.Min(othersNs, timeNs);
            }
        }

        return earliest is not null;
    }

    // A log that is never quite empty must not grow for ever: half of it at a time goes.
    private static void Forget(CpuState state, ContentLog log)
    {
        if (state.CommittedOps < log.Count && (state.CommittedOps < 1024 || state.CommittedOps * 2L < log.Count))
            return;
        log.RemoveFirst(state.CommittedOps);
        state.CommittedOps = 0;
    }

    private void Commit(in ContentOp op)
    {
        var pfn = new Pfn(op.Pfn);
        int offset = (int)(op.Va & ((1UL << ram.PageShift) - 1) & ~7UL);
        ulong value = op.Value;
        if (op.Kind == AccessKind.Write)
        {
            ram.WriteWord(pfn, offset, value);
            observer?.Stored(op.MmId, op.Va, value, op.TimeNs);
        }
        else
        {
            value = ram.ReadWord(pfn, offset);
            observer?.Loaded(op.MmId, op.Va, value, op.TimeNs);
        }

        digest.Add(op.Va);
        digest.Add(value);
    }
}

/// <summary>Hears of every value that programs store and load, in order.</summary>
public interface IContentObserver
{
    /// <summary>A value was stored.</summary>
    void Stored(int mmId, ulong va, ulong value, long atNs);

    /// <summary>A value was loaded.</summary>
    void Loaded(int mmId, ulong va, ulong value, long atNs);
}
