using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Exec;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Tasks;

/// <summary>Starts processes out of nothing, as init does, and replaces the image of one that runs (execve).</summary>
public sealed class ProcessStart
{
    private const string NullDevice = "/dev/null";
    private readonly TaskTable table;
    private readonly MmLifecycle lifecycle;
    private readonly ImageLoader loader;
    private readonly MmUsers users;
    private readonly ElfLoader elf;
    private readonly FileSystem files;
    private readonly PagingGeometry geometry;
    private readonly VmSettings vm;
    private readonly ulong seed;
    private readonly SharedObjects objects;
    private readonly FaultSwitch faults;

    /// <summary>Under a run's seed.</summary>
    public ProcessStart(TaskTable table, MmLifecycle lifecycle, ImageLoader loader, MmUsers users, ElfLoader elf,
        KernelMemory memory, ulong seed, SharedObjects objects, FileSystem files)
    {
        faults = memory.FaultSwitch;
        MachineSettings settings = memory.Settings;
        this.files = files;
        this.elf = elf;
        geometry = settings.Paging;
        vm = settings.Vm;
        this.table = table;
        this.lifecycle = lifecycle;
        this.loader = loader;
        this.users = users;
        this.seed = seed;
        this.objects = objects;
    }

    /// <summary>The seed of a task's own random stream.</summary>
    public ulong SeedOf(int tid) => RandomStream.Derive(seed, "task", (ulong)tid);

    /// <summary>
    /// A new process of a user with one task; null if memory is out or the pid is taken.
    /// </summary>
    public TaskStruct? Start(
        IProgram program, ResourceLimits limits, int wishedPid, bool inferMappings, TrapPoint at, ref WorkCost cost,
        uint uid = 0)
    {
        int pid = table.NewId(wishedPid);
        var rlimits = new RlimitTable(limits);
        Mm? mm = pid == 0 ? null : lifecycle.Create(rlimits, at.Cpu, ref cost);
        if (mm is null)
            return null;
        mm.InferMappings = inferMappings;
        var group = new ThreadGroup(pid, null, program.Comm, rlimits, at.NowNs)
        {
            PidNamespace = table.InitialNamespace,
        };
        var task = new TaskStruct(pid, group, mm, program, SeedOf(pid))
        {
            Layout = LoadImage(mm, program, ref cost),
            Credentials = uid == 0 ? Credentials.Root : Credentials.Of(uid),
        };
        AddStandardFiles(task.Files);
        table.Add(task);
        return task;
    }

    /// <summary>A process that was killed before it could start: it is in the process table, and has ended.</summary>
    public ThreadGroup Stillborn(Newborn birth, long nowNs)
    {
        int pid = table.NewId(birth.WishedPid);
        if (pid == 0)
            pid = table.NewId(0);
        var group = new ThreadGroup(pid, null, birth.Comm, new RlimitTable(birth.Limits), nowNs)
        {
            EndNs = nowNs,
            ExitSignal = Signal.SigKill,
            TasksEver = 1,
            OomScoreAdj = birth.OomScoreAdj,
            Cgroup = birth.Cgroup,
        };
        table.AddDead(group);
        return group;
    }

    // Like a program that is not position-independent: its text stays, everything else moves.
    private ImageLayout LoadImage(Mm mm, IProgram program, ref WorkCost cost)
    {
        AddressRandomness randomness = AddressRandomness.Draw(vm, geometry, seed, mm.Id);
        if (randomness.IsOn && program.Image.Segments is null)
            mm.MmapBase = randomness.MmapBase(mm.Limits, (ulong)vm.StackGuardGapPages << geometry.PageShift);
        return loader.Load(mm, program.Comm, program.Image, randomness, ref cost);
    }

    // Standard input, output and error are /dev/null: the world outside has no part in a run.
    private void AddStandardFiles(FdTable files)
    {
        Inode inode = objects.Find(NullDevice) ?? objects.CreateNamed(InodeKind.Stream, NullDevice);
        for (int fd = 0; fd < 3; fd++)
            files.Install(fd, new OpenFile(inode, OpenFlags.ReadWrite, NullDevice), closeOnExec: false);
    }

    /// <summary>
    /// execve: gives a task an empty address space and another program; the old space loses a user. False, and nothing
    /// changed, if memory is out.
    /// </summary>
    /// <remarks>
    /// Linux: fs/exec.c: begin_new_exec, exec_mmap, v6.18. One of the Load methods must follow.
    /// </remarks>
    public bool TryExec(TaskStruct task, IProgram program, TrapPoint at, ref WorkCost cost)
    {
        if (task.Files.Users > 1 && faults.Fails(FaultSite.DupFd))
            return false;
        Mm? mm = lifecycle.Create(task.Group.Limits, at.Cpu, ref cost);
        if (mm is null)
            return false;
        mm.InferMappings = task.Mm.InferMappings;
        mm.DeniesWriteExec = task.Mm.DeniesWriteExec && !task.Mm.DeniesWriteExecAlone;
        mm.ThpDisabled = task.Mm.ThpDisabled;
        mm.MergesAll = task.Mm.MergesAll;
        Mm old = task.Mm;
        task.Mm = mm;
        users.Drop(task, old, at, ref cost);
        task.Program = program;
        task.Started = false;
        task.Group.HasExecuted = true;
        task.Number = task.Group.Pid;
        task.Group.Handlers.FlushForExec();
        task.Group.DeathSignal = Signal.SigChld;
        task.Signals.Delivered.Clear();
        task.Signals.AltStackBytes = 0;
        // Both lay in the old memory. Linux: kernel/fork.c: exec_mm_release; include/linux/rseq.h: rseq_execve.
        task.ClearChildTid = 0;
        task.RseqArea = 0;
        task.KeepsCapabilities = false;
        task.Credentials = task.Credentials.AfterExec();
        if (task.Files.Users > 1)
        {
            FdTable own = task.Files.Copy();
            task.Files.Release();
            task.Files = own;
        }

        task.Files.CloseForExec();
        task.Group.Comm = program.Comm;
        return true;
    }

    /// <summary>Whether somebody has a file open for writing that is to be executed.</summary>
    public bool IsBeingWritten(ExecPlan plan) => plan.File.InodeIn(files).WriteCount > 0
        || (plan.InterpreterFile is { } interpreter && interpreter.InodeIn(files).WriteCount > 0);

    /// <summary>Maps the image that a task's program describes. False if memory was out on the way.</summary>
    public bool TryLoadSynthetic(TaskStruct task, ref WorkCost cost)
    {
        table.Trace?.Emit(Tracepoint.SchedProcessExec, task.Tid, text: task.Group.Comm);
        task.Layout = LoadImage(task.Mm, task.Program, ref cost);
        return !loader.HasFailed;
    }

    /// <summary>
    /// Maps an ELF file for a task and says what is still to be written. False where it does not fit.
    /// </summary>
    public bool TryLoadElf(
        TaskStruct task, ExecPlan plan, TrapPoint at, out ExecProgress progress, ref WorkCost cost)
    {
        progress = new ExecProgress(task.Mm, at, AddressRandomness.Draw(vm, geometry, seed, task.Mm.Id));
        task.Group.Comm = plan.Comm;
        table.Trace?.Emit(Tracepoint.SchedProcessExec, task.Tid, text: plan.Comm);
        // Whoever opens it for writing while it runs is told ETXTBSY.
        task.Mm.ExeFile = plan.File.InodeIn(files);
        task.Mm.ExeFile.WriteCount--;
        bool fits = elf.TryLoad(progress, plan, out ImageLayout layout);
        task.Layout = layout;
        cost.Vmas += progress.Cost.Vmas;
        cost.FixedNs += progress.Cost.FixedNs;
        return fits;
    }
}
