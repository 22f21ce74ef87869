using LinuxMem.Abi;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tasks;

/// <summary>A process: one or more tasks.</summary>
/// <remarks>Linux: include/linux/sched/signal.h: struct signal_struct, v6.18.</remarks>
public sealed class ThreadGroup
{
    /// <summary>A new process.</summary>
    public ThreadGroup(int pid, ThreadGroup? parent, string comm, RlimitTable limits, long startNs)
    {
        Pid = pid;
        Pgid = parent?.Pgid ?? pid;
        Session = parent?.Session ?? pid;
        Parent = parent;
        Comm = comm;
        Limits = limits;
        StartNs = startNs;
    }

    /// <summary>Process id.</summary>
    public int Pid { get; }

    /// <summary>Parent; null is init.</summary>
    public ThreadGroup? Parent { get; set; }

    /// <summary>The pid namespace that it is in.</summary>
    public PidNamespace PidNamespace { get; init; } = new();

    /// <summary>The pid namespace that its children are in, where unshare gave them another; null else.</summary>
    public PidNamespace? ChildrenPidNamespace { get; set; }

    /// <summary>Whether a tracer holds a SIGKILL back that was sent to it.</summary>
    public bool IsKillHeld { get; set; }

    /// <summary>Its process group; its own at the start of a process that nobody forked.</summary>
    public int Pgid { get; set; }

    /// <summary>Its session.</summary>
    public int Session { get; set; }

    /// <summary>Whether it has executed a program since fork (the lack of PF_FORKNOEXEC).</summary>
    public bool HasExecuted { get; set; }

    /// <summary>Command name.</summary>
    public string Comm { get; set; }

    /// <summary>Resource limits.</summary>
    public RlimitTable Limits { get; }

    /// <summary>When it started.</summary>
    public long StartNs { get; }

    /// <summary>When its last task ended; -1 while it lives.</summary>
    public long EndNs { get; set; } = -1;

    /// <summary>
    /// What it sends its parent at its end (exit_signal). A child that sends something else than SIGCHLD is one that
    /// only wait4 with __WCLONE or __WALL finds.
    /// </summary>
    public Signal DeathSignal { get; set; } = Signal.SigChld;

    /// <summary>What it does about signals.</summary>
    public SignalHandlers Handlers { get; init; } = new();

    /// <summary>Live tasks.</summary>
    public List<TaskStruct> Tasks { get; } = [];

    /// <summary>Tasks it ever had.</summary>
    public int TasksEver { get; set; }

    /// <summary>Children that have not been waited for.</summary>
    public List<ThreadGroup> Children { get; } = [];

    /// <summary>How it ended: code of exit.</summary>
    public int ExitCode { get; set; }

    /// <summary>How it ended: the signal, or None.</summary>
    public Signal ExitSignal { get; set; }

    /// <summary>The signal's code.</summary>
    public SignalCode ExitSignalCode { get; set; }

    /// <summary>The signal's address.</summary>
    public ulong ExitSignalAddress { get; set; }

    /// <summary>Faults without I/O.</summary>
    public long MinFlt { get; set; }

    /// <summary>Faults with I/O.</summary>
    public long MajFlt { get; set; }

    /// <summary>What its children used, those that it has waited for.</summary>
    public ReapedUsage Reaped { get; set; }

    /// <summary>Accesses of tasks that have ended.</summary>
    public long EndedAccesses { get; set; }

    /// <summary>
    /// What its tasks used of CPUs, also those that have ended; without the time since they last got a CPU.
    /// </summary>
    public CpuUsage Cpu { get; set; }

    /// <summary>Time that its tasks waited for memory, each counted.</summary>
    public long MemoryStallNs { get; set; }

    /// <summary>Time that its tasks waited for disks, each counted.</summary>
    public long IoStallNs { get; set; }

    /// <summary>Virtual size in pages, as it was before the end.</summary>
    public long LastVszPages { get; set; }

    /// <summary>Resident pages, as they were before the end.</summary>
    public long LastRssPages { get; set; }

    /// <summary>Largest resident set of any address space it had, in pages.</summary>
    public long MaxRssPages { get; set; }

    /// <summary>Whether its mappings are taken down at its end.</summary>
    public bool KeepsVmas { get; set; }

    /// <summary>Its mappings as they were at the end of its last address space; null if nobody asked.</summary>
    public IReadOnlyList<VmaUse>? LastVmas { get; set; }

    /// <summary>Pages mapped because a trace accessed them.</summary>
    public long InferredPages { get; set; }

    /// <summary>OOM score adjustment, -1000 to 1000.</summary>
    public int OomScoreAdj { get; set; }

    /// <summary>How low who lacks CAP_SYS_RESOURCE may set it.</summary>
    public int OomScoreAdjMin { get; set; }

    /// <summary>The memory cgroup that pays for what its tasks allocate; null for the root.</summary>
    public MemCgroup? Cgroup { get; set; }

    /// <summary>Whether the OOM reaper took its memory: nobody waits for its end any more (MMF_OOM_SKIP).</summary>
    public bool IsReaped { get; set; }

    /// <summary>Whether it asked to adopt orphans among its descendants (PR_SET_CHILD_SUBREAPER).</summary>
    public bool IsSubreaper { get; set; }

    /// <summary>Whose it was when it ended; of no meaning before.</summary>
    public uint Uid { get; set; }

    /// <summary>How many processes had its number before it.</summary>
    public int Incarnation { get; set; }

    /// <summary>Whether its parent has waited for it, or need not.</summary>
    public bool WasWaitedFor { get; set; }

    /// <summary>Whether every task has ended.</summary>
    public bool IsDead => EndNs >= 0;

    /// <summary>Whether nothing of it is left, not even a zombie: its number may be another's.</summary>
    public bool IsReleased => IsDead && (WasWaitedFor || Parent is null);
}
