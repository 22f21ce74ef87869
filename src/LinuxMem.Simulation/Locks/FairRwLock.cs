namespace LinuxMem.Simulation.Locks;

/// <summary>
/// A reader-writer semaphore in virtual time with a fair queue: readers share it, a writer has it alone, and who comes
/// after a waiting writer waits for that writer.
/// </summary>
/// <remarks>
/// Linux: kernel/locking/rwsem.c, v6.18. First come, first served; Linux also lets readers that queue behind a second
/// writer go in with those before it, which needs to know the future here.
/// </remarks>
public sealed class FairRwLock
{
    private long writtenUntilNs;
    private long readUntilNs;
    private LockHolder writer;
    private LockHolder reader;

    /// <summary>Its count's cache line.</summary>
    public CacheLine Line { get; } = new();

    /// <summary>When a reader that asks now gets it, and who it waits for if it must.</summary>
    public long GrantRead(long atNs, out LockHolder blocker)
    {
        blocker = writtenUntilNs > atNs ? writer : default;
        return Math.Max(atNs, writtenUntilNs);
    }

    /// <summary>When a writer that asks now gets it, and who it waits for if it must.</summary>
    public long GrantWrite(long atNs, out LockHolder blocker)
    {
        long grantNs = Math.Max(atNs, Math.Max(writtenUntilNs, readUntilNs));
        blocker = grantNs == atNs ? default : readUntilNs > writtenUntilNs ? reader : writer;
        return grantNs;
    }

    /// <summary>A reader that has it lets it go at the given moment.</summary>
    public void HeldRead(long untilNs, LockHolder holder)
    {
        if (untilNs <= readUntilNs)
            return;
        readUntilNs = untilNs;
        reader = holder;
    }

    /// <summary>A writer that has it lets it go, or becomes a reader (downgrade_write), at the given moment.</summary>
    public void HeldWrite(long untilNs, LockHolder holder)
    {
        if (untilNs <= writtenUntilNs)
            return;
        writtenUntilNs = untilNs;
        writer = holder;
    }
}
