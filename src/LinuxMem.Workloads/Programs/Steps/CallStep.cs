using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>A step that is one system call.</summary>
public abstract record CallStep : Step
{
    /// <summary>
    /// The error that the call is to answer; None for success. Any other outcome is an error of the program.
    /// </summary>
    public Errno Expect { get; init; } = Errno.None;

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        if (context.Phase == 0)
        {
            batch.SetCall(Call(context));
            context.Phase = 1;
            return false;
        }

        if (context.Succeeded(Expect))
            Succeeded(context, context.Last.Value);
        return true;
    }

    /// <summary>The call to make.</summary>
    private protected abstract SyscallRequest Call(StepContext context);

    /// <summary>Takes in the result of a call that did not fail.</summary>
    private protected virtual void Succeeded(StepContext context, long value)
    {
    }
}
