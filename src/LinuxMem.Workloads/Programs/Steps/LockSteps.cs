using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>mlock, mlock2 with MLOCK_ONFAULT, or munlock.</summary>
/// <param name="Region">Name of the region.</param>
/// <param name="Locks">Whether it locks; else it unlocks.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Bytes">Length; null to the region's end.</param>
public sealed record LockStep(string Region, bool Locks, ulong Offset = 0, ulong? Bytes = null)
    : RegionCallStep(Region, Offset, Bytes)
{
    /// <summary>Whether pages are locked as they are touched, and none is faulted in.</summary>
    public bool OnFault { get; init; }

    private protected override SyscallRequest Call(StepContext context)
    {
        (ulong start, ulong bytes) = Range(context);
        SyscallNr call = !Locks ? SyscallNr.Munlock : OnFault ? SyscallNr.Mlock2 : SyscallNr.Mlock;
        return new SyscallRequest { Nr = call, A0 = start, A1 = bytes, A2 = OnFault ? 1UL : 0 };
    }
}

/// <summary>mlockall, or munlockall where nothing is to be locked.</summary>
/// <param name="Flags">MCL_CURRENT, MCL_FUTURE and MCL_ONFAULT; 0 unlocks.</param>
public sealed record LockAllStep(ulong Flags) : CallStep
{
    /// <summary>What is mapped (MCL_CURRENT).</summary>
    public const ulong Current = 1;

    /// <summary>What will be mapped (MCL_FUTURE).</summary>
    public const ulong Future = 2;

    /// <summary>As it is touched (MCL_ONFAULT).</summary>
    public const ulong OnFault = 4;

    private protected override SyscallRequest Call(StepContext context) =>
        new() { Nr = Flags == 0 ? SyscallNr.Munlockall : SyscallNr.Mlockall, A0 = Flags };
}
