using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Stats;

/// <summary>
/// Pressure stall information: for how long some tasks, or all that had something to do, waited for memory, for disks,
/// or for a CPU.
/// </summary>
/// <remarks>
/// Linux: kernel/sched/psi.c, v6.18, but for the machine as a whole: Linux keeps each CPU's states and weighs them. A
/// wait for memory is one for a free frame, or for a page to come back from swap; the latter is one for a disk too.
/// </remarks>
public sealed class PressureStall
{
    private readonly MemMap map;
    private readonly int cpus;
    private readonly Mutant mutant;
    private int runnable;
    private int forMemory;
    private int forIo;

    /// <summary>Of a machine with so many CPUs.</summary>
    public PressureStall(MemMap map, int cpus, Mutant mutant = default)
    {
        this.mutant = mutant;
        this.map = map;
        this.cpus = cpus;
    }

    /// <summary>Some task waits for memory.</summary>
    public StallTime MemorySome { get; } = new();

    /// <summary>Tasks wait for memory, and none can run.</summary>
    public StallTime MemoryFull { get; } = new();

    /// <summary>Some task waits for a disk.</summary>
    public StallTime IoSome { get; } = new();

    /// <summary>Tasks wait for disks, and none can run.</summary>
    public StallTime IoFull { get; } = new();

    /// <summary>More tasks can run than there are CPUs.</summary>
    public StallTime CpuSome { get; } = new();

    /// <summary>Tasks that wait for memory (NR_MEMSTALL).</summary>
    public int WaitForMemory => forMemory;

    /// <summary>Tasks that wait for a disk (NR_IOWAIT).</summary>
    public int WaitForIo => forIo;

    /// <summary>Whether a task waits for memory or a disk.</summary>
    public bool AnyStalls => forMemory + forIo > 0;

    /// <summary>Time goes on to a moment; it never goes back.</summary>
    public void Advance(long nowNs)
    {
        MemorySome.Advance(nowNs, forMemory > 0);
        MemoryFull.Advance(nowNs, forMemory > 0 && runnable == 0);
        IoSome.Advance(nowNs, forIo > 0);
        IoFull.Advance(nowNs, forIo > 0 && runnable == 0);
        CpuSome.Advance(nowNs, runnable > cpus);
    }

    /// <summary>A task has become able to run: it is new, or what it waited for has come.</summary>
    public void CanRun(TaskStruct task, long nowNs)
    {
        Advance(nowNs);
        runnable++;
        for (MemCgroup? group = task.Group.Cgroup; group is not null; group = group.Parent)
            group.Stall.Change(task, 1, nowNs);
        End(task, nowNs);
    }

    /// <summary>A task that could run waits, or has ended.</summary>
    public void CannotRun(TaskStruct task, long nowNs)
    {
        Advance(nowNs);
        runnable--;
        bool io = task.State == TaskState.WaitingForIo;
        task.StallsForIo = io;
        task.StallsForMemory = task.State == TaskState.WaitingForMemory
            || (io && (map[task.WaitsFor].Flags & PageFlags.SwapBacked) != 0);
        task.StallSinceNs = nowNs;
        forIo += io ? 1 : 0;
        forMemory += task.StallsForMemory ? 1 : 0;
        for (MemCgroup? group = task.Group.Cgroup; group is not null; group = group.Parent)
            group.Stall.Change(task, -1, nowNs);
    }

    private void End(TaskStruct task, long nowNs)
    {
        long span = nowNs - task.StallSinceNs;
        if (task.StallsForIo)
        {
            forIo--;
            task.Group.IoStallNs += span;
        }

        if (task.StallsForMemory)
        {
            forMemory -= mutant == Mutant.M127 ? 0 : 1;
            task.Group.MemoryStallNs += span;
        }

        task.StallsForIo = task.StallsForMemory = false;
    }
}
