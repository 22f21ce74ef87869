using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>Whether the simulated kernel has stopped for good. Then nothing is served any more: the run ends.</summary>
/// <remarks>Linux: kernel/panic.c: vpanic, v6.18, without the registers and the call trace.</remarks>
public sealed class KernelPanic
{
    private readonly KernelLog log;

    /// <summary>Of one kernel, which prints to a log.</summary>
    public KernelPanic(KernelLog log) => this.log = log;

    /// <summary>When and why; null as long as it runs.</summary>
    public PanicReason? Happened { get; private set; }

    /// <summary>
    /// Stops the kernel: prints why, as Linux does. The first reason stays. Precondition: this is a kernel step, or
    /// another moment past which no CPU has run.
    /// </summary>
    /// <param name="nowNs">When.</param>
    /// <param name="message">Why.</param>
    /// <param name="on">Who was being served; null for init.</param>
    public void Raise(long nowNs, string message, TaskStruct? on)
    {
        if (Happened is not null)
            return;
        Happened = new PanicReason(nowNs, message);
        log.Print(nowNs, "Kernel panic - not syncing: " + message);
        log.Print(nowNs, StackHeader.Of(on));
        log.Print(nowNs, $"---[ end Kernel panic - not syncing: {message} ]---");
    }
}

/// <summary>Why the kernel has stopped.</summary>
/// <param name="AtNs">When.</param>
/// <param name="Message">What is printed behind "Kernel panic - not syncing: ".</param>
public sealed record PanicReason(long AtNs, string Message);
