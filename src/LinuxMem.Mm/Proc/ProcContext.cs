using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Proc;

/// <summary>What the texts of /proc and /sys are made of: the kernel's state, and the moment at which it is read.</summary>
public sealed class ProcContext
{
    /// <summary>Of one kernel.</summary>
    public ProcContext(KernelMemory memory, TaskTable tasks)
    {
        Memory = memory;
        Tasks = tasks;
    }

    /// <summary>The machine's memory.</summary>
    public KernelMemory Memory { get; }

    /// <summary>The process table.</summary>
    public TaskTable Tasks { get; }

    /// <summary>Who counts the time on CPUs.</summary>
    public ICpuTimes CpuTimes { get; set; } = new NoCpuTimes();

    /// <summary>The virtual time of the reading, in nanoseconds.</summary>
    public long NowNs { get; set; }

    /// <summary>The machine.</summary>
    public MachineSettings Settings => Memory.Settings;

    /// <summary>KiB of a number of pages.</summary>
    public long Kb(long pages) => pages << (Memory.Geometry.PageShift - 10);
}
