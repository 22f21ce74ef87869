using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Tlbs;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Signals;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Locks;
using LinuxMem.Simulation.Sched;

namespace LinuxMem.Mm.Tasks;

/// <summary>Where a task stands.</summary>
public enum TaskState
{
    /// <summary>On a CPU, or waiting in a run queue.</summary>
    Runnable,

    /// <summary>Waiting for a moment of virtual time.</summary>
    Sleeping,

    /// <summary>In wait4, for a child.</summary>
    WaitingForChild,

    /// <summary>In vfork, for the child to give the address space back.</summary>
    WaitingForVfork,

    /// <summary>In a call that waits for a file: a pipe that is empty or full.</summary>
    WaitingForFile,

    /// <summary>Waiting for a disk: for the I/O of a frame. No signal but a fatal one ends it.</summary>
    WaitingForIo,

    /// <summary>Waiting for memory to be free. No signal but a fatal one ends it.</summary>
    WaitingForMemory,

    /// <summary>Waiting for a lock that others have (mmap_lock). No signal but a fatal one ends it.</summary>
    WaitingForLock,

    /// <summary>Ended.</summary>
    Dead,
}

/// <summary>A schedulable task: a thread of a process.</summary>
/// <remarks>Linux: include/linux/sched.h: struct task_struct, v6.18.</remarks>
public sealed class TaskStruct
{
    /// <summary>A new task of a process.</summary>
    public TaskStruct(int tid, ThreadGroup group, Mm mm, IProgram program, ulong seed)
    {
        Tid = Number = tid;
        Group = group;
        Mm = mm;
        Program = program;
        Seed = seed;
        Accesses = new TaskAccesses(tid, seed);
        Files.Limit = (int)Math.Min(group.Limits.Soft(Rlimit.OpenFiles), int.MaxValue);
    }

    /// <summary>The priority that every task has (120: nice 0).</summary>
    public const int Prio = 120;

    /// <summary>Thread id, unique in the run.</summary>
    public int Tid { get; }

    /// <summary>
    /// The number that it is told to have: that of the process once it has executed a program.
    /// Linux: fs/exec.c: de_thread (exchange_tids), v6.18.
    /// </summary>
    public int Number { get; set; }

    /// <summary>The process.</summary>
    public ThreadGroup Group { get; }

    /// <summary>The address space; another after execve.</summary>
    public Mm Mm { get; set; }

    /// <summary>What it runs; another after execve.</summary>
    public IProgram Program { get; set; }

    /// <summary>Seed of its own random stream.</summary>
    public ulong Seed { get; }

    /// <summary>What MMUs count for it.</summary>
    public TaskAccesses Accesses { get; }

    /// <summary>
    /// Whether its capabilities stay permitted when the last of its user ids stops being root's (PR_SET_KEEPCAPS).
    /// </summary>
    public bool KeepsCapabilities { get; set; }

    /// <summary>What it told prctl.</summary>
    public PrctlState Prctl { get; init; } = new();

    /// <summary>What it has to do with fault injection; null if it has nothing.</summary>
    public FaultTask? Faults { get; set; }

    /// <summary>Where it stands.</summary>
    public TaskState State { get; set; }

    /// <summary>What it has yet to do of its last batch, when it was cut short; null otherwise.</summary>
    public AccessBatch? Batch { get; set; }

    /// <summary>The result of its last system call, to be shown to the program.</summary>
    public SyscallResult Result { get; set; }

    /// <summary>Blocked, pending and delivered signals.</summary>
    public TaskSignals Signals { get; } = new();

    /// <summary>
    /// Whether what is left of its batch is dropped before it goes on: a signal came of the access it is at.
    /// </summary>
    public bool DropsBatch { get; set; }

    /// <summary>Whether it sleeps in a call that a signal ends (EINTR).</summary>
    public bool IsInterruptible => State is TaskState.WaitingForChild or TaskState.WaitingForFile
        || (State == TaskState.Sleeping && InSleepCall);

    /// <summary>While Sleeping: when it wakes by itself; of no meaning else.</summary>
    public long WakeAtNs { get; set; }

    /// <summary>While Sleeping: whether it asked for it (nanosleep); else it waits for memory.</summary>
    public bool InSleepCall { get; set; }

    /// <summary>Whether its program has been told to start.</summary>
    public bool Started { get; set; }

    /// <summary>Where the image of its program lies.</summary>
    public ImageLayout Layout { get; set; }

    /// <summary>When the last service that the kernel did it ended: it runs on no CPU before.</summary>
    public long ReadyNs { get; set; }

    /// <summary>The CPUs that it may run on; null for all.</summary>
    public CpuMask? Affinity { get; set; }

    /// <summary>What it used of CPUs, without the time since it last got one.</summary>
    public CpuUsage Cpu { get; private set; }

    /// <summary>Counts what it used, for itself and for its process.</summary>
    public void Used(in CpuUsage more)
    {
        Cpu += more;
        Group.Cpu += more;
    }

    /// <summary>The CPU it ran on last; -1 if none.</summary>
    public int LastCpu { get; set; } = -1;

    /// <summary>While WaitingForMemory: what it was refused.</summary>
    public AllocWish MemoryWish { get; set; }

    /// <summary>How often it has waited for memory since it entered the kernel, and begun anew.</summary>
    public int MemoryWaits { get; set; }

    /// <summary>Whether it has waited for room for what the fault that it is in reads along.</summary>
    public bool HasWaitedForRoom { get; set; }

    /// <summary>A fatal signal that it has yet to notice.</summary>
    public Signal FatalSignal { get; set; }

    /// <summary>Whether the whole process is ending, by exit_group or a signal.</summary>
    public bool GroupExiting { get; set; }

    /// <summary>Whether it ends instead of going on: it was marked, and is in no call that goes on all the same.
    /// </summary>
    public bool EndsNow => GroupExiting && Suspended is not { IsUninterruptible: true };

    /// <summary>For wait4: the pid waited for, or -1.</summary>
    public int WaitPid { get; set; }

    /// <summary>Whether what it waits for is to be answered by 0 in place of a pid (waitid).</summary>
    public bool WaitReturnsZero { get; set; }

    /// <summary>For wait4: its options.</summary>
    public ulong WaitOptions { get; set; }

    /// <summary>Who it is and what it may do.</summary>
    public Credentials Credentials { get; set; } = Credentials.Root;

    /// <summary>What personality(2) was told; execve keeps it.</summary>
    public uint Personality { get; set; }

    /// <summary>From which nodes it would have its memory.</summary>
    public MemoryPolicy Policy { get; set; }

    /// <summary>Whether what may be read may be executed too (READ_IMPLIES_EXEC).</summary>
    public bool ReadImpliesExec => (Personality & 0x0040_0000) != 0;

    /// <summary>Where its stack begins: the stack pointer at its start; 0 if it is not known.</summary>
    public ulong StackPointer { get; set; }

    /// <summary>While WaitingForIo: the frame whose I/O it waits for.</summary>
    public Pfn WaitsFor { get; set; }

    /// <summary>The frame that it waited for and has not got yet; kept by <see cref="Reclaim.HeldPages"/>.</summary>
    public Pfn Holds { get; set; }

    /// <summary>
    /// Whether the fault that it will try again has started to read from a disk (FAULT_FLAG_TRIED): it is a major one.
    /// </summary>
    public bool HasReadForFault { get; set; }

    /// <summary>Whether it is in swapoff: short of memory, it is the first to be killed (PF_OOM_ORIGIN).</summary>
    public bool IsOomOrigin { get; set; }

    /// <summary>Pages that it made dirty since it last looked whether it has to wait (nr_dirtied).</summary>
    public int NrDirtied { get; set; }

    /// <summary>How many it may until it looks again (nr_dirtied_pause).</summary>
    public int NrDirtiedPause { get; set; } = Filemap.DirtyThrottle.FirstPausePages;

    /// <summary>When its last pause for dirty pages was over (dirty_paused_when).</summary>
    public long DirtyPausedNs { get; set; }

    /// <summary>Whether its CPU counts it as one that waits for a disk (in_iowait).</summary>
    public bool InIoWait { get; set; }

    /// <summary>Faults without I/O.</summary>
    public long MinFlt { get; set; }

    /// <summary>Faults with I/O.</summary>
    public long MajFlt { get; set; }

    /// <summary>Where the kernel writes 0 when the task ends and others use the address space; 0 for nowhere.</summary>
    public ulong ClearChildTid { get; set; }

    /// <summary>Where the kernel writes the tid when the task first runs; 0 for nowhere.</summary>
    public ulong SetChildTid { get; set; }

    /// <summary>The head of the list of locks that it has, in its memory (set_robust_list); 0 for none.</summary>
    public ulong RobustList { get; set; }

    /// <summary>The registered rseq area; 0 for none.</summary>
    public ulong RseqArea { get; set; }

    /// <summary>Its bytes.</summary>
    public uint RseqBytes { get; set; }

    /// <summary>Its signature.</summary>
    public uint RseqSignature { get; set; }

    /// <summary>The task waiting in vfork for this one; null otherwise.</summary>
    public TaskStruct? VforkParent { get; set; }

    /// <summary>Its descriptors.</summary>
    public FdTable Files { get; set; } = new();

    /// <summary>Its working directory and umask.</summary>
    public Vfs.Names.FsStruct Fs { get; set; } = new();

    /// <summary>The call that it waits in and goes on with when it is woken; null otherwise.</summary>
    public CallProgress? Suspended { get; set; }

    /// <summary>Whether it waits for a disk, as pressure is counted.</summary>
    public bool StallsForIo { get; set; }

    /// <summary>Whether it waits for memory, as pressure is counted.</summary>
    public bool StallsForMemory { get; set; }

    /// <summary>While it waits for memory: the group that has none left; null if the machine has none.</summary>
    public MemCgroup? WaitsForGroup { get; set; }

    /// <summary>Pages that it was charged while its group was above memory.high (memcg_nr_pages_over_high).</summary>
    public int ChargedOverHigh { get; set; }

    /// <summary>Its place in the queue of a lock that it sleeps for; null if it never slept for one.</summary>
    public RwWaiter? LockWait { get; set; }

    /// <summary>The trap that it sleeps in, and goes on with in the kernel; null otherwise.</summary>
    public UnfinishedTrap? Unfinished { get; set; }

    /// <summary>
    /// Whether it goes on with a trap when it gets a CPU; one that lets signals go first is forgotten if there are any.
    /// </summary>
    public bool GoesOn()
    {
        if (Unfinished is not { } trap || EndsNow)
            return false;
        if (trap.YieldsToSignals && Signals.HasDeliverable)
            Unfinished = null;
        return Unfinished is not null;
    }

    /// <summary>
    /// Whether it was put on a CPU in the kernel, so that what is stored on the way to its program is still to come.
    /// </summary>
    public bool ReturnsLate { get; set; }

    /// <summary>Since when it cannot run.</summary>
    public long StallSinceNs { get; set; }

    /// <summary>The call that found no memory and is made again when the task wakes; null otherwise.</summary>
    public SyscallRequest? CallToRepeat { get; set; }

    /// <summary>
    /// Makes it runnable: it enters the kernel again with the call that it waits in, which goes on where it stood.
    /// </summary>
    public void WakeToRetry(List<TaskStruct> woken)
    {
        State = TaskState.Runnable;
        Batch = new AccessBatch(Mm.Context.Geometry.PageShift, 1);
        Batch.SetCall(Suspended?.Request ?? CallToRepeat!.Value);
        CallToRepeat = null;
        woken.Add(this);
    }
}
