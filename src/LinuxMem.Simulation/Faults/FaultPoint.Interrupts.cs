#pragma warning disable CS1591 // Each says by its texts what it is; 'linuxmem faults' prints them.
namespace LinuxMem.Simulation.Faults;

/// <content>Interrupts between CPUs.</content>
public sealed partial class FaultPoint
{
    private static readonly FaultParameter TargetCpu = new("cpu", FaultValueKind.Glob, "*",
        "The CPUs that it is on its way to, by number.");

    public static readonly FaultPoint IpiLate = new(
        "ipi_late",
        "The interrupt that has another CPU's TLB forget something arrives late, perhaps after one sent later.",
        "Who sent it waits; no frame is free before every CPU has answered; a CPU that comes to a later change of an "
            + "address space has caught up with those before. Nothing changes but time.",
        TargetCpu,
        new FaultParameter("delay", FaultValueKind.Time, "1ms", "How late."),
        new FaultParameter("jitter", FaultValueKind.Time, "0ns", "How much later at most, drawn each time."));

    public static readonly FaultPoint IpiLost = new(
        "ipi_lost",
        "The interrupt that has another CPU's TLB forget something is lost, or the answer to it.",
        "Who sent it waits. After csd_lock_timeout the kernel warns and sends it again (CONFIG_CSD_LOCK_WAIT_DEBUG); "
            + "without that it waits for ever, and the run ends as a stall. No frame is free meanwhile.",
        TargetCpu,
        new FaultParameter("lost", FaultValueKind.Word, "ipi", "What is lost: the interrupt, or its answer.",
            "ipi", "ack"),
        new FaultParameter("csd-lock-timeout", FaultValueKind.Time, "5s", "After which time it is sent again."),
        new FaultParameter("resend", FaultValueKind.Flag, "Y", "N: it is never sent again."));

    public static readonly FaultPoint IpiTwice = new(
        "ipi_twice",
        "The interrupt that has another CPU's TLB forget something arrives twice.",
        "The second time the CPU has kept up with that change already and forgets nothing; its answer counts once.",
        TargetCpu,
        new FaultParameter("delay", FaultValueKind.Time, "1us", "How long after the first."));
}
