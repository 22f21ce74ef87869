using LinuxMem.Abi;
using LinuxMem.Mm.Fork;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Mm.Tasks;

/// <summary>Starts processes out of nothing, as init does, and replaces the image of one that runs (execve).</summary>
public sealed class ProcessStart
{
    private readonly TaskTable table;
    private readonly MmLifecycle lifecycle;
    private readonly ImageLoader loader;
    private readonly MmUsers users;
    private readonly ulong seed;

    /// <summary>Under a run's seed.</summary>
    public ProcessStart(TaskTable table, MmLifecycle lifecycle, ImageLoader loader, MmUsers users, ulong seed)
    {
        this.table = table;
        this.lifecycle = lifecycle;
        this.loader = loader;
        this.users = users;
        this.seed = seed;
    }

    /// <summary>The seed of a task's own random stream.</summary>
    public ulong SeedOf(int tid) => RandomStream.Derive(seed, "task", (ulong)tid);

    /// <summary>A new process with one task; null if memory is out or the pid is taken.</summary>
    public TaskStruct? Start(
        IProgram program, ResourceLimits limits, int wishedPid, bool inferMappings, TrapPoint at, ref WorkCost cost)
    {
        int pid = table.NewId(wishedPid);
        Mm? mm = pid == 0 ? null : lifecycle.Create(limits, at.Cpu, ref cost);
        if (mm is null)
            return null;
        mm.InferMappings = inferMappings;
        var group = new ThreadGroup(pid, null, program.Comm, limits, at.NowNs);
        var task = new TaskStruct(pid, group, mm, program, SeedOf(pid))
        {
            Layout = loader.Load(mm, program.Comm, program.Image, ref cost),
        };
        table.Add(task);
        return task;
    }

    /// <summary>execve: a new address space with the program's image; the old one loses a user.</summary>
    /// <remarks>
    /// Linux: fs/exec.c: begin_new_exec, exec_mmap, v6.18. Precondition: the process has no other task.
    /// </remarks>
    public SyscallResult Exec(TaskStruct task, IProgram program, TrapPoint at, ref WorkCost cost)
    {
        Mm? mm = lifecycle.Create(task.Group.Limits, at.Cpu, ref cost);
        if (mm is null)
            return SyscallResult.Fail(Errno.ENOMEM);
        mm.InferMappings = task.Mm.InferMappings;
        Mm old = task.Mm;
        task.Mm = mm;
        users.Drop(task, old, at, ref cost);
        task.Program = program;
        task.Started = false;
        task.Group.Comm = program.Comm;
        task.Layout = loader.Load(mm, program.Comm, program.Image, ref cost);
        return default;
    }
}
