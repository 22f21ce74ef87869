using LinuxMem.Mm.Oom;

namespace LinuxMem.Mm.Tlb;

/// <summary>
/// Watches over those who wait for other CPUs to answer an interrupt: tells when one has waited for too long.
/// </summary>
/// <remarks>Linux: kernel/smp.c: csd_lock_wait_toolong, v6.18; its texts without the addresses.</remarks>
public sealed class CsdWatch
{
    private readonly List<Wait> waits = [];
    private int lastNumber;

    /// <summary>Has <see cref="Due"/> called at a moment, with a number; set once, at boot.</summary>
    public Action<long, int>? Plan { get; set; }

    /// <summary>
    /// Somebody will have waited for too long at some moments, and be answered behind the last of them or never.
    /// </summary>
    internal void Add(int cpu, int target, long fromNs, long timeoutNs, in IpiFate fate)
    {
        int number = ++lastNumber;
        for (int i = 1; i <= fate.Warnings; i++)
            Note(new Wait(number, cpu, target, fromNs, i, fate.NeverComes), fromNs + (i * timeoutNs));
        if (!fate.NeverComes)
            Note(new Wait(number, cpu, target, fromNs, 0, false), fromNs + fate.WaitNs);
    }

    /// <summary>
    /// A moment is there: says what the kernel prints then. True if nothing will ever end that wait.
    /// </summary>
    public bool Due(int index, long atNs, KernelLog log)
    {
        Wait wait = waits[index];
        string csd = $"CSD lock (#{wait.Number})";
        if (wait.Attempt == 0)
        {
            log.Print(atNs, $"csd: {csd} got unstuck on CPU#{wait.Cpu:D2}, CPU#{wait.Target:D2} released the lock.");
            return false;
        }

        string found = wait.Attempt == 1 ? "Detected" : "Continued";
        log.Print(atNs, $"csd: {found} non-responsive {csd} on CPU#{wait.Cpu}, waiting {atNs - wait.FromNs} ns for "
            + $"CPU#{wait.Target:D2} flush_tlb_func.\n\tcsd: {csd} unresponsive.");
        if (!wait.IsForEver)
            log.Print(atNs, $"csd: Re-sending {csd} IPI from CPU#{wait.Cpu:D2} to CPU#{wait.Target:D2}");
        return wait.IsForEver;
    }

    private void Note(in Wait wait, long atNs)
    {
        waits.Add(wait);
        Plan?.Invoke(atNs, waits.Count - 1);
    }

    private readonly record struct Wait(
        int Number, int Cpu, int Target, long FromNs, int Attempt, bool IsForEver);
}
