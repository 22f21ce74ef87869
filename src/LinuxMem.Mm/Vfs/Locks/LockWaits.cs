namespace LinuxMem.Mm.Vfs.Locks;

/// <summary>Who waits for whose lock on a range of bytes, on the machine as a whole.</summary>
/// <remarks>Linux: fs/locks.c: blocked_hash, posix_locks_deadlock, v6.18.</remarks>
public sealed class LockWaits
{
    private const int ChainMax = 10; // MAX_DEADLK_ITERATIONS
    private readonly List<(object Owner, object Holder)> waits = [];

    /// <summary>Notes who waits for whom, until <see cref="End"/>.</summary>
    public void Begin(object owner, object holder) => waits.Add((owner, holder));

    /// <summary>The owner waits no more.</summary>
    public void End(object owner)
    {
        int at = waits.FindIndex(w => ReferenceEquals(w.Owner, owner));
        if (at >= 0)
            waits.RemoveAt(at);
    }

    /// <summary>Whether who holds a lock waits, directly or through others, for who wants it.</summary>
    public bool IsDeadlock(object wants, object holds)
    {
        object? at = holds;
        for (int i = 0; at is not null && i < ChainMax; i++)
        {
            if (ReferenceEquals(at, wants))
                return true;
            at = waits.Find(w => ReferenceEquals(w.Owner, at)).Holder;
        }

        return false;
    }
}
