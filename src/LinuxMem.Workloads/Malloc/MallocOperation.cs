using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>An allocation or a release under way: what it touches, and the calls that it makes of the kernel.</summary>
/// <remarks>
/// A program calls <see cref="Advance"/> in each of its turns until that is true. What a process allocates at once is
/// one operation: a second may begin when it has ended.
/// </remarks>
public sealed class MallocOperation
{
    private readonly GnuMalloc owner;
    private readonly IEnumerator<SyscallRequest> steps;
    private SyscallRequest? next;
    private bool waits;
    private bool stepsDone;

    internal MallocOperation(GnuMalloc owner, IEnumerable<SyscallRequest> steps)
    {
        this.owner = owner;
        this.steps = steps.GetEnumerator();
    }

    /// <summary>What malloc, calloc or realloc returned, once it has ended; 0 if memory is out.</summary>
    public ulong Result { get; private set; }

    /// <summary>Goes on: adds accesses to the batch, and at most one call, which ends the turn.</summary>
    /// <param name="batch">The turn's batch, without a call.</param>
    /// <param name="last">The answer to the call that this set in the turn before.</param>
    /// <returns>Whether the operation has ended; other accesses and a call may then follow in the batch.</returns>
    public bool Advance(AccessBatch batch, in SyscallResult last)
    {
        if (waits)
            owner.Answer = last.Value;
        waits = false;
        while (owner.Touches.MoveTo(batch))
        {
            if (next is { } request)
            {
                batch.SetCall(request);
                next = null;
                waits = true;
                return false;
            }

            if (stepsDone)
                return true;
            if (steps.MoveNext())
            {
                next = steps.Current;
                continue;
            }

            stepsDone = true;
            Result = owner.Returned;
        }

        return false;
    }
}
