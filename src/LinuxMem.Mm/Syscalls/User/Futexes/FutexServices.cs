using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Futexes;
using LinuxMem.Mm.Syscalls.Files;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Syscalls.User.Futexes;

/// <summary>What the futex calls have in common.</summary>
/// <param name="Files">Copies to and from user memory.</param>
/// <param name="Structs">Structures there.</param>
/// <param name="Table">Who waits.</param>
/// <param name="Tasks">Who there is.</param>
internal sealed record FutexServices(FileServices Files, UserStructs Structs, FutexTable Table, TaskTable Tasks)
{
    private readonly FutexGuesses guesses = new();

    /// <summary>A word, for one call.</summary>
    public FutexWord Word(CallProgress call, ulong address, FutexKey key) => new(Files, guesses, call, address, key);

    /// <summary>
    /// Lets the caller wait until it is woken, or its time is over. Whether it was woken, the waiter tells.
    /// </summary>
    public IEnumerator<PageLookup> Wait(CallProgress call, FutexWaiter waiter, FutexDeadline deadline)
    {
        Table.Add(waiter);
        call.WaitsForFutex = true;
        call.WakeAtNs = deadline.Ns;
        try
        {
            if (!deadline.IsOver(call))
                yield return PageLookup.Wait;
        }
        finally
        {
            // Also if the task is killed.
            Table.Remove(waiter);
            call.WaitsForFutex = false;
        }

        call.WakeAtNs = -1;
    }
}
