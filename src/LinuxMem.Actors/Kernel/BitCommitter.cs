using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.PageTables;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// Has the accessed and dirty bits set that the CPUs have logged, before each step of the kernel those of accesses that
/// come before it: so the kernel sees at any moment what hardware has set by then, whatever the window.
/// </summary>
/// <remarks>Between two steps nobody changes an entry, so the order among CPUs does not matter.</remarks>
public sealed class BitCommitter
{
    private readonly HardwareBits bits;
    private readonly CpuState[] cpus;
    private bool any;

    /// <summary>Of a machine's CPUs.</summary>
    public BitCommitter(HardwareBits bits, CpuState[] cpus)
    {
        this.bits = bits;
        this.cpus = cpus;
    }

    /// <summary>A CPU has reported: there may be something to do.</summary>
    public void Reported(CpuState cpu) => any |= cpu.Slot.Mmu.Bits.Count > 0;

    /// <summary>Sets what comes before the step of <paramref name="cpu"/> (-1: an event) at a moment.</summary>
    public void CommitBefore(long atNs, int cpu)
    {
        if (!any)
            return;
        any = false;
        foreach (CpuState state in cpus)
        {
            AccessedDirtyLog log = state.Slot.Mmu.Bits;
            int done = 0;
            foreach (ref readonly AccessedDirtyOp op in log.Ops)
            {
                if (op.TimeNs > atNs || (op.TimeNs == atNs && state.Slot.Cpu > cpu))
                    break;
                bits.Set(op);
                done++;
            }

            if (done > 0)
                log.RemoveFirst(done);
            any |= log.Count > 0;
        }
    }
}
