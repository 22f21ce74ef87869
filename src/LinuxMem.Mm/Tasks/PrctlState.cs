namespace LinuxMem.Mm.Tasks;

/// <summary>What prctl keeps of a task.</summary>
/// <remarks>Linux: include/linux/sched.h: struct task_struct; include/linux/cred.h: cap_bset, v6.18.</remarks>
public sealed class PrctlState
{
    /// <summary>PR_MCE_KILL_EARLY.</summary>
    public const int MceKillEarly = 1;

    /// <summary>PR_MCE_KILL_DEFAULT.</summary>
    public const int MceKillDefault = 2;

    /// <summary>The name it gave itself; null for that of its process.</summary>
    public string? Name { get; set; }

    /// <summary>The signal it asked for at its parent's end; 0 for none.</summary>
    public int DeathSignal { get; set; }

    /// <summary>PR_TSC_ENABLE or PR_TSC_SIGSEGV.</summary>
    public int Tsc { get; set; } = 1;

    /// <summary>How late its timers may be, in nanoseconds.</summary>
    public ulong SlackNs { get; set; } = 50_000;

    /// <summary>Whether execve gives it no privileges.</summary>
    public bool NoNewPrivs { get; set; }

    /// <summary>What a memory error in its pages does to it: PR_MCE_KILL_*.</summary>
    public int MceKill { get; set; } = MceKillDefault;

    /// <summary>The capabilities that it may ever have.</summary>
    public long Bounding { get; set; } = (long)Capabilities.Root;

    /// <summary>A child's, or a thread's.</summary>
    public PrctlState ForChild(bool isThread) => new()
    {
        Name = Name,
        DeathSignal = isThread ? DeathSignal : 0,
        Tsc = Tsc,
        SlackNs = SlackNs,
        NoNewPrivs = NoNewPrivs,
        MceKill = MceKill,
        Bounding = Bounding,
    };
}
