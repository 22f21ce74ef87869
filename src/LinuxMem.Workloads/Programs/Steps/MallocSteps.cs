using LinuxMem.Abi;
using LinuxMem.Workloads.Malloc;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>A step that the C library's allocator carries out, with the calls and accesses that it makes.</summary>
public abstract record MallocStep : Step
{
    /// <summary>ENOMEM if memory is to be out, EINVAL if there is nothing to free.</summary>
    public Errno Expect { get; init; } = Errno.None;

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        if (context.Phase == 0)
        {
            context.Phase = 1;
            context.Allocation = Begin(context);
            if (context.Allocation is null)
            {
                // The library would abort the program.
                context.Judge(Errno.EINVAL, Expect);
                return true;
            }
        }

        bool ended = context.Allocation!.Advance(batch, context.Last);
        if (!ended)
            return false;
        if (context.Heap.Break != 0)
            context.BreakIs(context.Heap.Break);
        ulong result = context.Allocation.Result;
        if (context.Judge(result == 0 && Allocates ? Errno.ENOMEM : Errno.None, Expect))
            Ended(context, result);
        return true;
    }

    /// <summary>Whether no result means that memory is out.</summary>
    private protected abstract bool Allocates { get; }

    /// <summary>The operation; null if its block is none.</summary>
    private protected abstract MallocOperation? Begin(StepContext context);

    /// <summary>Takes in what was returned.</summary>
    private protected virtual void Ended(StepContext context, ulong result)
    {
    }
}

/// <summary>malloc or calloc.</summary>
/// <param name="Bytes">How much.</param>
/// <param name="Name">The block's name as a region; null if it needs none.</param>
/// <param name="Clears">Whether it is calloc.</param>
public sealed record AllocateStep(ulong Bytes, string? Name, bool Clears) : MallocStep
{
    private protected override bool Allocates => true;

    private protected override MallocOperation Begin(StepContext context) => Clears
        ? context.Heap.Calloc(context.Heap.MainThread, Bytes) : context.Heap.Malloc(context.Heap.MainThread, Bytes);

    private protected override void Ended(StepContext context, ulong result)
    {
        if (Name is not null)
            context.Regions.Set(Name, new Region(result, Bytes));
    }
}

/// <summary>realloc.</summary>
/// <param name="Region">The block; it keeps its name.</param>
/// <param name="Bytes">Its new size, at least 1.</param>
public sealed record ReallocStep(string Region, ulong Bytes) : MallocStep
{
    private protected override bool Allocates => true;

    private protected override MallocOperation? Begin(StepContext context)
    {
        ulong start = context.Regions.Find(Region).Start;
        return context.Heap.UsableBytes(start) == 0 ? null
            : context.Heap.Realloc(context.Heap.MainThread, start, Bytes);
    }

    private protected override void Ended(StepContext context, ulong result) =>
        context.Regions.Set(Region, new Region(result, Bytes));
}

/// <summary>free. The block keeps its name, so that later steps can use what is freed.</summary>
/// <param name="Region">The block.</param>
public sealed record FreeStep(string Region) : MallocStep
{
    private protected override bool Allocates => false;

    private protected override MallocOperation? Begin(StepContext context)
    {
        ulong start = context.Regions.Find(Region).Start;
        return context.Heap.UsableBytes(start) == 0 ? null : context.Heap.Free(context.Heap.MainThread, start);
    }
}
