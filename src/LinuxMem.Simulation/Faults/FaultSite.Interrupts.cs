#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>Interrupts between CPUs.</content>
public sealed partial class FaultSite
{
    public static readonly FaultSite CallFunctionIpi = new(FaultPoint.IpiLate, "send_call_function_ipi",
        "kernel/smp.c: smp_call_function_many_cond; arch/x86/mm/tlb.c: native_flush_tlb_multi",
        "only time changes");

    public static readonly FaultSite CsdLockWait = new(FaultPoint.IpiLost, "csd_lock_wait",
        "kernel/smp.c: csd_lock_wait_toolong", "a warning, then it is sent again");

    public static readonly FaultSite FlushTlbFunc = new(FaultPoint.IpiTwice, "flush_tlb_func",
        "arch/x86/mm/tlb.c: flush_tlb_func", "nothing is forgotten twice, and answered once");
}
