using LinuxMem.Abi;
using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Uaccess;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tasks;

/// <summary>fork, vfork and clone: makes a task like the caller.</summary>
/// <remarks>Linux: kernel/fork.c: copy_process, kernel_clone, v6.18.</remarks>
public sealed class TaskFork
{
    private readonly TaskTable table;
    private readonly MmFork fork;
    private readonly MmUsers users;
    private readonly ProcessStart start;
    private readonly KernelStore stores;
    private readonly IMmObserver observer;
    private readonly KernelCosts costs;
    private readonly FaultSwitch faults;

    /// <summary>Over one machine.</summary>
    public TaskFork(
        TaskTable table, MmFork fork, MmUsers users, ProcessStart start, KernelStore stores, IMmObserver observer,
        KernelMemory memory)
    {
        faults = memory.FaultSwitch;
        costs = memory.Settings.KernelCosts;
        this.stores = stores;
        this.table = table;
        this.fork = fork;
        this.users = users;
        this.start = start;
        this.observer = observer;
    }

    /// <summary>
    /// Makes a child or thread. Returns its tid and the task, or an error: EINVAL (a thread that does not share the
    /// address space, or no program for the child), EEXIST (the wished pid is taken), ENOMEM.
    /// </summary>
    public SyscallResult Invoke(
        in SyscallContext call, in CloneArguments arguments, out TaskStruct? child, ref WorkCost cost)
    {
        child = null;
        CloneFlags flags = arguments.Flags;
        if (!arguments.AreValid)
            return SyscallResult.Fail(Errno.EINVAL);
        if (arguments.NeedsAdmin && !call.Task.Credentials.Has(Capabilities.SysAdmin))
            return SyscallResult.Fail(Errno.EPERM);
        bool thread = (flags & CloneFlags.Thread) != 0;
        bool sharesMm = (flags & CloneFlags.Vm) != 0;
        if (call.Request.Child is null || (thread && !sharesMm))
            return SyscallResult.Fail(Errno.EINVAL);
        int tid = table.NewId(call.Request.ChildPid);
        if (tid == 0)
            return SyscallResult.Fail(Errno.EEXIST);
        if (FailsBeforeMemory(flags))
            return SyscallResult.Fail(Errno.ENOMEM);
        TaskStruct parent = call.Task;
        RlimitTable limits = thread ? parent.Group.Limits : parent.Group.Limits.Copy();
        Mm mm = parent.Mm;
        if (sharesMm)
        {
            users.Add(mm);
        }
        else
        {
            Errno error = fork.Copy(parent, limits, call.At, out Mm? copy, ref cost);
            if (error != Errno.None)
                return SyscallResult.Fail(error);
            mm = copy!;
            observer.Forked(parent.Mm, mm);
            AnnounceLeftOut(parent.Mm, mm);
        }

        // The last allocation: all that was copied goes again.
        if (faults.Fails(FaultSite.AllocPid))
        {
            users.Drop(parent, mm, call.At, ref cost);
            return SyscallResult.Fail(Errno.ENOMEM);
        }

        cost.FixedNs += costs.ForkNs;
        ThreadGroup group = thread ? parent.Group : NewGroup(parent, tid, limits, arguments, call);
        child = MakeChild(call, arguments, tid, group, mm);
        child.Faults = parent.Faults?.ForChild(tid);
        child.Signals.Blocked = parent.Signals.Blocked;
        table.Add(child);
        // A bad address does not undo the call.
        if ((flags & CloneFlags.ParentSetTid) != 0 && arguments.ParentTid != 0)
            stores.Touch(parent, parent.Mm, arguments.ParentTid, 4, call.At, ref cost);
        if (arguments.WantsPidfd && arguments.PidfdAt != 0)
            stores.Touch(parent, parent.Mm, arguments.PidfdAt, 4, call.At, ref cost);
        return new SyscallResult(tid);
    }

    private TaskStruct MakeChild(
        in SyscallContext call, in CloneArguments arguments, int tid, ThreadGroup group, Mm mm)
    {
        TaskStruct parent = call.Task;
        CloneFlags flags = arguments.Flags;
        bool sharesMm = (flags & CloneFlags.Vm) != 0;
        return new TaskStruct(tid, group, mm, call.Request.Child!, start.SeedOf(tid))
        {
            Layout = parent.Layout,
            Credentials = parent.Credentials,
            Personality = parent.Personality,
            Prctl = parent.Prctl.ForChild((flags & CloneFlags.Thread) != 0),
            Policy = parent.Policy,
            Affinity = parent.Affinity,
            KeepsCapabilities = parent.KeepsCapabilities,
            StackPointer = arguments.Stack != 0 ? arguments.Stack : parent.StackPointer,
            ClearChildTid = (flags & CloneFlags.ChildClearTid) != 0 ? arguments.ChildTid : 0,
            SetChildTid = (flags & CloneFlags.ChildSetTid) != 0 ? arguments.ChildTid : 0,
            // Linux: include/linux/rseq.h: rseq_fork, v6.18.
            RseqArea = sharesMm ? 0 : parent.RseqArea,
            RseqBytes = sharesMm ? 0 : parent.RseqBytes,
            RseqSignature = sharesMm ? 0 : parent.RseqSignature,
            Fs = ((ulong)flags & 0x200) != 0 ? parent.Fs : parent.Fs.Copy(), // CLONE_FS
            Files = (flags & CloneFlags.Files) != 0 ? Shared(parent.Files) : parent.Files.Copy(),
            VforkParent = (flags & CloneFlags.VFork) != 0 ? parent : null,
        };
    }

    // The parts of a task, in the order of copy_process.
    private bool FailsBeforeMemory(CloneFlags flags)
    {
        if (faults.Injector is null)
            return false;
        bool thread = (flags & CloneFlags.Thread) != 0;
        return faults.Fails(FaultSite.DupTaskStruct)
            || ((flags & CloneFlags.Files) == 0 && faults.Fails(FaultSite.DupFd))
            || (!thread && (faults.Fails(FaultSite.CopySighand) || faults.Fails(FaultSite.CopySignal)));
    }

    private static FdTable Shared(FdTable files)
    {
        files.Share();
        return files;
    }

    // What madvise had the child go without: the mapping (DONTFORK) or its contents (WIPEONFORK).
    private void AnnounceLeftOut(Mm parent, Mm child)
    {
        for (Vma? vma = parent.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if ((vma.Flags & VmFlags.DontCopy) != 0)
                observer.Unmapped(child, vma.Start, vma.End);
            else if ((vma.Flags & VmFlags.WipeOnFork) != 0)
                observer.Mapped(child, vma.Start, vma.End, null, false, vma.PgOff);
            if ((vma.Flags & VmFlags.DontCopy) == 0)
                observer.MappedDroppable(child, vma, vma.Start, vma.End);
        }
    }

    private static ThreadGroup NewGroup(
        TaskStruct parent, int pid, RlimitTable limits, in CloneArguments arguments, in SyscallContext call)
    {
        bool isSibling = (arguments.Flags & CloneFlags.Parent) != 0;
        ThreadGroup? over = isSibling ? parent.Group.Parent : parent.Group;
        var group = new ThreadGroup(pid, over, parent.Group.Comm, limits, call.At.NowNs)
        {
            OomScoreAdj = parent.Group.OomScoreAdj,
            OomScoreAdjMin = parent.Group.OomScoreAdjMin,
            Pgid = parent.Group.Pgid,
            Session = parent.Group.Session,
            PidNamespace = arguments.MakesPidNamespace ? new PidNamespace(parent.Group.PidNamespace)
                : parent.Group.ChildrenPidNamespace ?? parent.Group.PidNamespace,
            Cgroup = parent.Group.Cgroup,
            Handlers = parent.Group.Handlers.Copy(),
            KeepsVmas = parent.Group.KeepsVmas,
            DeathSignal = isSibling ? parent.Group.DeathSignal : arguments.ExitSignal,
        };
        if ((arguments.Flags & CloneFlags.ClearSigHand) != 0)
            group.Handlers.FlushForExec();
        over?.Children.Add(group);
        return group;
    }
}
