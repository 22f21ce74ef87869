using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Mm.Tlb;

/// <summary>What is to become of an interrupt that another CPU is sent.</summary>
/// <param name="LateNs">By how much later it arrives.</param>
/// <param name="AckLateNs">By how much later yet its sender knows that it was carried out.</param>
/// <param name="CopyNs">How long after it a copy arrives; 0 if none does.</param>
/// <param name="Warnings">How often its sender finds that it has waited for too long.</param>
/// <param name="NeverComes">Whether it is lost and not sent again: the machine stalls.</param>
internal readonly record struct IpiFate(
    long LateNs, long AckLateNs = 0, long CopyNs = 0, int Warnings = 0, bool NeverComes = false)
{
    /// <summary>How much longer its sender waits.</summary>
    public long WaitNs => LateNs + AckLateNs;
}

/// <summary>Asks at each shootdown interrupt whether it is late, lost or there twice.</summary>
/// <remarks>
/// Linux: kernel/smp.c: csd_lock_wait_toolong (CONFIG_CSD_LOCK_WAIT_DEBUG, csd_lock_timeout), v6.18. An interrupt that
/// is sent again may be lost again.
/// </remarks>
internal sealed class ShootdownFaults
{
    private const int LossesMax = 12;
    private readonly string[] names;
    private RandomStream jitter;

    public ShootdownFaults(FaultInjector injector, int cpus)
    {
        Injector = injector;
        names = [.. Enumerable.Range(0, cpus).Select(cpu => $"{cpu}")];
        jitter = new RandomStream(RandomStream.Derive(injector.Seed, "fault ipi jitter"));
    }

    /// <summary>Who is asked.</summary>
    public FaultInjector Injector { get; }

    /// <summary>After which time a sender warns, in nanoseconds.</summary>
    public long TimeoutNs => Math.Max(1, Time(FaultPoint.IpiLost, "csd-lock-timeout"));

    /// <summary>What becomes of an interrupt to a CPU.</summary>
    public IpiFate FateOf(int target)
    {
        long lateNs = 0;
        if (Fails(FaultSite.CallFunctionIpi, target))
        {
            long most = Time(FaultPoint.IpiLate, "jitter");
            lateNs = Time(FaultPoint.IpiLate, "delay") + (most > 0 ? (long)jitter.Below((ulong)most + 1) : 0);
        }

        long copyNs = Fails(FaultSite.FlushTlbFunc, target) ? Math.Max(1, Time(FaultPoint.IpiTwice, "delay")) : 0;
        int lost = 0;
        FaultRule rule = Injector.RuleOf(FaultPoint.IpiLost);
        while (lost < LossesMax && Fails(FaultSite.CsdLockWait, target))
        {
            lost++;
            if (rule.Value("resend") == "N")
                return new IpiFate(lateNs, 0, copyNs, lost, NeverComes: true);
        }

        long lostNs = lost * TimeoutNs;
        return rule.Value("lost") == "ack"
            ? new IpiFate(lateNs, lostNs, copyNs, lost) : new IpiFate(lateNs + lostNs, 0, copyNs, lost);
    }

    private bool Fails(FaultSite site, int target) =>
        FaultNumbers.Matches(Injector.RuleOf(site.Point).Value("cpu"), names[target])
        && Injector.Fails(site, 1, FaultTraits.None, names[target]);

    private long Time(FaultPoint point, string name)
    {
        _ = FaultNumbers.TryTime(Injector.RuleOf(point).Value(name), out long ns);
        return ns;
    }
}
