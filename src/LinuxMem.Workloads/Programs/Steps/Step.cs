using LinuxMem.Abi;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>One thing that a program does. Data only: what is going on in a process is in its context.</summary>
public abstract record Step
{
    /// <summary>
    /// Does the next part: adds accesses until the step is done or the batch is full, or sets a call. Called again
    /// after the batch was carried out, with the context's phase as this left it.
    /// </summary>
    /// <returns>Whether the step is done.</returns>
    internal abstract bool Advance(StepContext context, AccessBatch batch);
}
