using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Has the kernel take blocks of frames for itself, as a driver does.</summary>
/// <param name="Order">log2 of the frames of a block.</param>
/// <param name="Count">How many blocks.</param>
/// <param name="Gfp">Whether it can wait.</param>
/// <param name="Name">A name for them.</param>
public sealed record KernelAllocStep(int Order, ulong Count, DriverGfp Gfp, string Name) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = DriverCalls.Allocate,
        A0 = (ulong)Order,
        A1 = Count,
        A2 = (ulong)Gfp,
        File = Name,
    };
}

/// <summary>Has the kernel give back blocks that it took.</summary>
/// <param name="Name">Their name.</param>
/// <param name="Every">Every how many-th of them goes; 1 for all.</param>
public sealed record KernelFreeStep(string Name, ulong Every) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new()
    {
        Nr = DriverCalls.Free,
        A0 = Every,
        File = Name,
    };
}
