using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Actors.Kernel;

/// <summary>What the kernel keeps of a CPU beside its clock, its queue and its TLB's state.</summary>
public sealed class CpuState
{
    private long iowaitSinceNs;
    private long userFromNs = -1;

    /// <summary>Of the CPU whose slot it is.</summary>
    public CpuState(CpuSlot slot) => Slot = slot;

    /// <summary>The message to it.</summary>
    public CpuSlot Slot { get; }

    /// <summary>Grants sent to it.</summary>
    public long GrantsSent { get; set; }

    /// <summary>The order in which its reports come.</summary>
    public MessageOrder Reports { get; } = new();

    /// <summary>The task on it; null when idle.</summary>
    public TaskStruct? Task { get; set; }

    /// <summary>When its time slice ends.</summary>
    public long SliceEndNs { get; set; }

    /// <summary>Since when the task's time has been counted.</summary>
    public long CountedFromNs { get; private set; }

    /// <summary>Time with a task.</summary>
    public long BusyNs { get; set; }

    /// <summary>Of <see cref="BusyNs"/>, the time in which programs ran.</summary>
    public long UserNs { get; private set; }

    /// <summary>Of the time since <see cref="CountedFromNs"/>, that in which the task's program ran.</summary>
    public long SliceUserNs { get; private set; }

    /// <summary>Time without a task, while one that ran here last waited for a disk (iowait).</summary>
    public long IoWaitNs { get; private set; }

    /// <summary>Since when the CPU has had no task; -1 while it has one.</summary>
    public long IdleSinceNs { get; private set; }

    /// <summary>Tasks that ran here last and wait for a disk (nr_iowait).</summary>
    public int IoWaiters { get; private set; }

    /// <summary>Switches from one task to another.</summary>
    public long ContextSwitches { get; set; }

    /// <summary>The task that ran last, for the cost of a switch.</summary>
    public int LastTid { get; set; }

    /// <summary>Content operations of its log that have been committed.</summary>
    public int CommittedOps { get; set; }

    /// <summary>A task gets the CPU.</summary>
    public void BeginSlice(long atNs)
    {
        CountedFromNs = atNs;
        SliceUserNs = 0;
    }

    /// <summary>The task's program runs from a moment on.</summary>
    public void EnterUser(long atNs) => userFromNs = atNs;

    /// <summary>The kernel is entered, if it was not in it already.</summary>
    public void EnterKernel(long atNs)
    {
        long ns = RunningUserNs(atNs);
        UserNs += ns;
        SliceUserNs += ns;
        userFromNs = -1;
    }

    /// <summary>For how long the program has run by a moment, since it last left the kernel.</summary>
    public long RunningUserNs(long nowNs) => userFromNs < 0 ? 0 : Math.Max(0, nowNs - userFromNs);

    /// <summary>A task of this CPU begins to wait for a disk, or (-1) goes on.</summary>
    public void AddIoWaiter(int change, long atNs)
    {
        IoWaitNs = IoWaitNsAt(atNs);
        iowaitSinceNs = Math.Max(iowaitSinceNs, atNs);
        IoWaiters += change;
    }

    /// <summary>The CPU has no task from a moment on.</summary>
    public void BeginIdle(long atNs)
    {
        IdleSinceNs = atNs;
        iowaitSinceNs = Math.Max(iowaitSinceNs, atNs);
    }

    /// <summary>The CPU has a task again.</summary>
    public void EndIdle(long atNs)
    {
        IoWaitNs = IoWaitNsAt(atNs);
        iowaitSinceNs = Math.Max(iowaitSinceNs, atNs);
        IdleSinceNs = -1;
    }

    /// <summary>What <see cref="IoWaitNs"/> comes to by a moment.</summary>
    public long IoWaitNsAt(long nowNs) => IdleSinceNs < 0 || IoWaiters == 0
        ? IoWaitNs : IoWaitNs + Math.Max(0, nowNs - iowaitSinceNs);

    /// <summary>Whether its TLB has something to forget by a moment.</summary>
    public bool HasDue(long atNs)
    {
        List<InvalidateCommand> commands = Slot.Tlb.Pending;
        for (int i = 0; i < commands.Count; i++)
        {
            if (commands[i].AtNs <= atNs)
                return true;
        }

        return false;
    }
}
