using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Moves the end of the heap.</summary>
/// <remarks>
/// Linux: mm/mmap.c: brk, v6.18. brk answers the break it leaves, so a refused one shows in a break that is not the one
/// asked for; the C library makes ENOMEM of that, and so does this step. A task that shares its memory asks for the
/// break first, because another may have moved it.
/// </remarks>
/// <param name="Bytes">How far; negative to shrink.</param>
public sealed record BrkStep(long Bytes) : Step
{
    /// <summary>The error that is expected: None or ENOMEM.</summary>
    public Errno Expect { get; init; } = Errno.None;

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        const ulong asked = 1;
        const ulong moved = 2;
        if (context.Phase == 0 && context.SharesMemory)
        {
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.Brk, A0 = 0 });
            context.Phase = asked;
            return false;
        }

        if (context.Phase == asked)
            context.BreakIs((ulong)context.Last.Value);
        if (context.Phase != moved)
        {
            batch.SetCall(new SyscallRequest { Nr = SyscallNr.Brk, A0 = Wanted(context) });
            context.Phase = moved;
            return false;
        }

        bool granted = (ulong)context.Last.Value == Wanted(context);
        if (context.Judge(granted ? Errno.None : Errno.ENOMEM, Expect))
            context.BreakIs(Wanted(context));
        return true;
    }

    private ulong Wanted(StepContext context) => context.Regions.HeapEnd + (ulong)Bytes;
}
