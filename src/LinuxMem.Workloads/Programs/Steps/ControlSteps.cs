using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Simulation;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Steps done again and again.</summary>
/// <param name="Times">How often, at least 1 and at most 2^62.</param>
/// <param name="Steps">At least one.</param>
public sealed record LoopStep(ulong Times, ImmutableArray<Step> Steps) : Step
{
    internal override bool Advance(StepContext context, AccessBatch batch) =>
        throw new KernelBug("a loop is entered by the cursor, it is never a step to do");
}

/// <summary>Sleeps.</summary>
/// <param name="Ns">How long, in nanoseconds.</param>
public sealed record SleepStep(ulong Ns) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new() { Nr = SyscallNr.Nanosleep, A0 = Ns };
}

/// <summary>Lets the next task in the queue run.</summary>
public sealed record YieldStep : CallStep
{
    private protected override SyscallRequest Call(StepContext context) => new() { Nr = SyscallNr.SchedYield };
}

/// <summary>Ends the whole process.</summary>
/// <param name="Code">Exit code, 0 to 255.</param>
public sealed record ExitStep(int Code) : CallStep
{
    private protected override SyscallRequest Call(StepContext context) =>
        new() { Nr = SyscallNr.ExitGroup, A0 = (ulong)Code };
}

/// <summary>One access to a fixed address, which is usually meant to go wrong.</summary>
/// <param name="Address">Any address, mapped or not.</param>
/// <param name="Kind">What the access wants.</param>
public sealed record SegfaultStep(ulong Address, AccessKind Kind = AccessKind.Read) : Step
{
    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        batch.AddRun(Kind, Address, 0, 1);
        return true;
    }
}
