using LinuxMem.Abi;

namespace LinuxMem.Mm.Tasks;

/// <summary>The resource limits of a process, soft and hard, which setrlimit and prlimit64 change.</summary>
/// <remarks>
/// Linux: include/linux/sched/signal.h: signal_struct rlim; include/asm-generic/resource.h: INIT_RLIMITS, v6.18. Limits
/// that memory management does not look at are kept for those who ask: their first values are those of the machine that
/// made the reference logs.
/// </remarks>
public sealed class RlimitTable
{
    /// <summary>How many resources have a limit (RLIM_NLIMITS).</summary>
    public const int Count = 16;

    private const ulong Infinity = ulong.MaxValue;
    private readonly ulong[] soft = new ulong[Count];
    private readonly ulong[] hard = new ulong[Count];

    /// <summary>The limits that a process starts with; what is not given is as on a usual machine.</summary>
    public RlimitTable(ResourceLimits start)
    {
        Array.Fill(soft, Infinity);
        Array.Fill(hard, Infinity);
        Set(Rlimit.Core, 0, 0);
        Set(Rlimit.Processes, 96365, 96365);
        Set(Rlimit.OpenFiles, 20000, 20000);
        Set(Rlimit.PendingSignals, 96365, 96365);
        Set(Rlimit.MessageQueues, 819200, 819200);
        Set(Rlimit.Nice, 0, 0);
        Set(Rlimit.RealTimePriority, 0, 0);
        Set(Rlimit.Stack, start.StackBytes, start.StackBytes);
        Set(Rlimit.Data, start.DataBytes, start.DataBytes);
        Set(Rlimit.AddressSpace, start.AddressSpaceBytes, start.AddressSpaceBytes);
        Set(Rlimit.Memlock, start.MemlockBytes, start.MemlockBytes);
        foreach ((int resource, ulong softLimit, ulong hardLimit) in start.Exact)
            Set((Rlimit)resource, softLimit, hardLimit);
    }

    private RlimitTable(RlimitTable from)
    {
        from.soft.CopyTo(soft, 0);
        from.hard.CopyTo(hard, 0);
    }

    /// <summary>RLIMIT_STACK: the most bytes a stack may grow to.</summary>
    public ulong StackBytes => soft[(int)Rlimit.Stack];

    /// <summary>RLIMIT_DATA, in bytes.</summary>
    public ulong DataBytes => soft[(int)Rlimit.Data];

    /// <summary>RLIMIT_AS, in bytes.</summary>
    public ulong AddressSpaceBytes => soft[(int)Rlimit.AddressSpace];

    /// <summary>RLIMIT_MEMLOCK, in bytes.</summary>
    public ulong MemlockBytes => soft[(int)Rlimit.Memlock];

    /// <summary>The limit that counts.</summary>
    public ulong Soft(Rlimit resource) => soft[(int)resource];

    /// <summary>What the soft limit may be raised to.</summary>
    public ulong Hard(Rlimit resource) => hard[(int)resource];

    /// <summary>Sets both limits of a resource.</summary>
    public void Set(Rlimit resource, ulong softLimit, ulong hardLimit)
    {
        soft[(int)resource] = softLimit;
        hard[(int)resource] = hardLimit;
    }

    /// <summary>The limits of a child: the same, and its own.</summary>
    public RlimitTable Copy() => new(this);
}
