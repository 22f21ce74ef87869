using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Actors.Kernel;

/// <summary>What the kernel keeps of a CPU beside its clock, its queue and its TLB's state.</summary>
public sealed class CpuState
{
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
    public long CountedFromNs { get; set; }

    /// <summary>Time with a task.</summary>
    public long BusyNs { get; set; }

    /// <summary>Switches from one task to another.</summary>
    public long ContextSwitches { get; set; }

    /// <summary>The task that ran last, for the cost of a switch.</summary>
    public int LastTid { get; set; }

    /// <summary>Content operations of its log that have been committed.</summary>
    public int CommittedOps { get; set; }

    /// <summary>Whether its TLB has something to forget by a moment.</summary>
    public bool HasDue(long atNs)
    {
        foreach (InvalidateCommand command in Slot.Tlb.Pending)
        {
            if (command.AtNs <= atNs)
                return true;
        }

        return false;
    }
}
