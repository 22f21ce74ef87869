using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Uses the stack down to a depth: one write a page, from the top downwards, as nested calls would.</summary>
/// <param name="Bytes">Depth, from the top of the stack.</param>
public sealed record StackStep(ulong Bytes) : Step
{
    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        ulong pages = Math.Max(1, Bytes >> context.PageShift);
        if (context.Regions.StackTop == 0)
            return true;
        batch.AddRun(AccessKind.Write, context.Regions.StackTop - 8, -(1L << context.PageShift), (int)pages);
        context.Regions.StackReached(pages << context.PageShift);
        return true;
    }
}
