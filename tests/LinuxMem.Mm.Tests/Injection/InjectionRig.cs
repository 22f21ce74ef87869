using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>Makes a rig's kernel fail.</summary>
internal static class InjectionRig
{
    /// <summary>From now on a site fails: at its next passings, so many times.</summary>
    public static FaultInjector Fail(this KernelRig rig, FaultSite site, int times = 1, int after = 0)
    {
        IEnumerable<FaultDecision> decisions =
            Enumerable.Range(after + 1, times).Select(i => new FaultDecision(site, i));
        return rig.Inject(new FaultSettings { Decisions = [.. decisions] });
    }

    /// <summary>From now on faults are injected as settings have it.</summary>
    public static FaultInjector Inject(this KernelRig rig, FaultSettings settings) =>
        rig.Memory.Faults = new FaultInjector(settings, 1) { Print = rig.Kernel.Log.Print };
}
