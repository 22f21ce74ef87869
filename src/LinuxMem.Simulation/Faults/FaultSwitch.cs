namespace LinuxMem.Simulation.Faults;

/// <summary>
/// Where the parts of a kernel ask whether something fails: made once with the machine, with or without an injector.
/// </summary>
public sealed class FaultSwitch
{
    /// <summary>Decides; null if nothing fails, which is the usual case.</summary>
    public FaultInjector? Injector { get; set; }

    /// <summary>Passes a site that allocates, or does something else, while its caller can wait (GFP_KERNEL).</summary>
    public bool Fails(FaultSite site) => Injector is not null && Injector.Fails(site, 1, FaultTraits.MayWait);
}
