using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>swapon.</summary>
/// <param name="Path">The area.</param>
/// <param name="Priority">Its priority, from 0; null for one below all others.</param>
public sealed record SwapOnStep(string Path, int? Priority = null) : CallStep
{
    private const ulong Prefer = 0x8000; // SWAP_FLAG_PREFER

    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Swapon,
        A1 = Priority is { } priority ? Prefer | (ulong)priority : 0,
        Operands = new SyscallOperands { Path = Path },
    };
}

/// <summary>swapoff.</summary>
/// <param name="Path">The area.</param>
public sealed record SwapOffStep(string Path) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = SyscallNr.Swapoff,
        Operands = new SyscallOperands { Path = Path },
    };
}
