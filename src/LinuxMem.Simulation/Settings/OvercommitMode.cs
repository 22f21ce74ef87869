namespace LinuxMem.Simulation.Settings;

/// <summary>How much memory may be promised, by the values of vm.overcommit_memory.</summary>
/// <remarks>Linux: Documentation/mm/overcommit-accounting.rst, v6.18.</remarks>
public enum OvercommitMode
{
    /// <summary>Any amount, but no single request beyond all of RAM.</summary>
    Guess = 0,

    /// <summary>Any amount.</summary>
    Always = 1,

    /// <summary>Up to the commit limit.</summary>
    Never = 2,
}
